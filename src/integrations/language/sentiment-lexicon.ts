/**
 * What reviewers say that a general word list does not know or gets wrong, by how good or bad it is from
 * -1 to 1. Phrases are of whole words, in lower case, with contractions spelled out ("don't" is "do not").
 * A phrase that holds its own negation is taken as it stands; every other one turns around after one.
 */
export const idioms: readonly (readonly [weight: number, phrases: string])[] = [
  [
    0.9,
    `highly recommend, highly recommended, a must have, can not go wrong, could not be happier,
    could not be better, could not ask for more, can not beat, worth every penny, five stars, 5 stars,
    10/10, second to none, blown away, thumbs up, exceeded my expectations, exceeds expectations,
    above and beyond, out of this world, to die for, can not say enough, can not recommend enough`,
  ],
  [
    0.7,
    `works great, works well, works fine, works perfectly, works like a charm, worked great,
    worked well, worked fine, work great, work well, work fine, working great, working well, holds up,
    worth the money, worth the price, worth it, well worth, well made, well built, well designed,
    good value, no complaints, no problems, no problem, no issues, not disappointed,
    not be disappointed, not regret, can not complain, can not wait, will be back, come back, glad i,
    happy with, pleased with, satisfied with, impressed with, big fan, top notch, saves time,
    fits well, fits perfectly, easy to use, easy to install, easy to set up, user friendly,
    money well spent`,
  ],
  [
    0.5,
    `as described, as advertised, as expected, as promised, i like, we like, really like, like it,
    liked, sturdy, durable, comfy, crisp, sleek, lightweight, affordable, reliable, delicious, tasty,
    yummy, flawless, flawlessly, awesome, stylish, smooth, smoothly, quick, quickly, fast, simple,
    friendly, attentive, fresh, loud and clear, works, bargain, handy, tender, nicely, intuitive,
    responsive, prompt, promptly, refreshing, memorable, hilarious, flavorful, convincing, unique,
    classic`,
  ],
  [
    -0.5,
    `cheaply made, hard to, difficult to, had to, i wish, wish i, could be better, could have been,
    should have, would have been nice, was hoping, was supposed to, wanted to like, expected better,
    expected more, not like, not care for, not worth, no better, at best, to be desired,
    nothing special, nothing new, in vain, waited, gave up, fed up, slow, bland, cold, lukewarm, stale,
    greasy, soggy, tasteless, dry, overpriced, pricey, too expensive, flimsy, bulky, noisy, static,
    laggy, buggy, unhelpful, unresponsive, unnecessary, unsatisfactory, uninteresting, unimpressive,
    predictable, cheesy, cliche, dull, mediocre, sloppy, rude, rudely, dirty, scratched, faulty, flaw,
    flaws, issues, issue, drains, overcooked, undercooked, gimmick, hassle, misleading, lacking,
    lacks, lacked`,
  ],
  [
    -0.8,
    `stopped working, quit working, stops working, stopped charging, not work, not working, never
    worked, no longer works, falls apart, fell apart, falling apart, broke, breaks, broken, died,
    wore out, crashes, crashed, crashing, freezes, dropped calls, drops calls, returned it, return it,
    returning it, returning this, return this, sent it back, send it back, sending it back, money back,
    refund, charged twice, look elsewhere, go elsewhere, business elsewhere, went downhill, let down,
    letdown, let me down, one star, 1 star, not buy, not order, not recommend, never again, never buy,
    poor, poorly, never go back, never come back, not come back, not be back, not go back, never return, not bother,
    not impressed, avoid, beware`,
  ],
  [
    -1,
    `do not buy, stay away, steer clear, run away, not waste, waste of money, waste of time,
    waste your money, waste your time, wasted my money, wasted my time, waste my money, waste my time,
    rip off, ripped off, ripoff, piece of junk, piece of crap, piece of garbage, crap, crappy, junk,
    garbage, trash, useless, worthless, a joke, scam, disappointment, disappointed, disappointing,
    sucks, sucked, unusable, defective, unacceptable, lousy, worst, awful`,
  ],
];

/** Words that say "neither good nor bad"; a general list counts them as praise. */
export const middling = 'okay, ok, alright, average, so so, meh';

/** What a general list holds to be mood, and which in feedback only names things or is courtesy. */
export const moodless = `
  want, wanted, wants, please, share, join, drop, big, true, charge, pay, top, help, matter, feeling,
  feel, reach, cover, quality, sound, solution, natural, certain, sure, chance, alone, stop, pretty, kind, super,
  work, go, right, like, just, color, warm, expected, kind of, sort of, not only, not just, no doubt,
  not to mention, not mind, not matter, not know, not sure, not yet, not need, not have to, at least,
  why not, if not`;

/** Words that turn around what follows them. */
export const negations: readonly string[] = `
  not no never none nothing nobody neither nor without hardly barely scarcely rarely zero fails failed`
  .trim()
  .split(/\s+/);

/** Of those, the ones that alone are a mild complaint: what does not do something, or is not there. */
export const denials: readonly string[] = ['not', 'no', 'never'];

/** Words that close what a negation reaches, as punctuation does. */
export const boundaries: readonly string[] = `
  . , ; : ! ? ... ( ) and but however although though because since except yet unless until`
  .trim()
  .split(/\s+/);

/** Words after which what counts comes; what was said before them in the sentence counts less. */
export const contrasts: readonly string[] = ['but', 'however', 'unfortunately', 'until', 'except'];

/** Words that make the next one stronger or weaker, and by how much. */
export const degrees: ReadonlyMap<string, number> = new Map([
  ['absolutely', 1.4],
  ['extremely', 1.4],
  ['incredibly', 1.4],
  ['completely', 1.3],
  ['highly', 1.3],
  ['most', 1.3],
  ['really', 1.3],
  ['super', 1.3],
  ['totally', 1.3],
  ['very', 1.3],
  ['so', 1.2],
  ['pretty', 1.1],
  ['fairly', 0.8],
  ['rather', 0.8],
  ['almost', 0.6],
  ['slightly', 0.6],
  ['somewhat', 0.6],
]);
