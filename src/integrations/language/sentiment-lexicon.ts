/**
 * What reviewers say that a general word list gets wrong, by how good or bad it is from -1 to 1. Phrases
 * are of whole words, in lower case, with contractions spelled out ("don't" is "do not"). A phrase that
 * holds its own negation is taken as it stands; every other one turns around after a negation.
 */
export const idioms: readonly (readonly [weight: number, phrases: string])[] = [
  [
    0.9,
    `highly recommend, highly recommended, must have, can not go wrong, could not be happier,
    could not be better, could not ask for more, can not beat, worth every penny, five stars, 5 stars,
    10/10, second to none, blown away, thumbs up, exceeded my expectations, exceeds expectations`,
  ],
  [
    0.7,
    `works great, works well, works fine, works perfectly, works like a charm, worked great,
    worked well, worked fine, work great, work well, work fine, working great, working well, holds up,
    worth the money, worth the price, worth it, well worth, well made, well built, well designed,
    good value, no complaints, no problems, no problem, no issues, not disappointed,
    not be disappointed, not regret, can not complain, can not wait, will be back, glad i, happy with,
    pleased with, satisfied with, impressed with, big fan, top notch, saves time, fits well,
    fits perfectly, easy to use, easy to install, easy to set up, user friendly, money well spent`,
  ],
  [
    0.5,
    `as described, as advertised, as expected, as promised, i like, we like, really like, like it,
    liked, sturdy, durable, comfy, crisp, sleek, lightweight, affordable, reliable, delicious, tasty,
    yummy, flawless, flawlessly, awesome, stylish, smooth, smoothly, quick, fast, simple, friendly,
    attentive, fresh, loud and clear, works, bargain, handy, tender, nicely, intuitive,
    responsive, prompt, promptly, refreshing, memorable, hilarious`,
  ],
  [0, `kind of, sort of, not only, not just, no doubt, not to mention, not mind, not matter, at least`],
  [
    -0.5,
    `cheaply made, hard to, difficult to, had to, i wish, wish i, could be better, could have been,
    should have, would have been nice, was hoping, was supposed to, wanted to like, expected better,
    expected more, not like, not care for, not work, not working, not worth, no better, not sure why,
    at best, slow, bland, cold, stale, greasy, soggy, tasteless, dry, overpriced, flimsy, bulky, noisy,
    static, laggy, buggy, unhelpful, unresponsive, uncomfortable, predictable, cheesy, cliche, dull,
    plain, mediocre, sloppy, rude, dirty, loose, scratched, faulty, flaw, flaws, issues, issue,
    drains, overcooked, undercooked, plastic, gimmick, hassle, misleading, lacking, lacks`,
  ],
  [
    -0.8,
    `stopped working, quit working, stops working, does not work, did not work, never worked, falls
    apart, fell apart, falling apart, broke, breaks, broken, died, wore out, crashes, crashed, crashing,
    freezes, dropped calls, drops calls, returned it, return it, returning it, returning this,
    return this, sent it back, send it back, sending it back, money back, refund, charged twice,
    no way, look elsewhere, go elsewhere, went downhill, let down, one star, 1 star, not buy, not order,
    not recommend, never again, never buy, never go back, not be back, not go back, not be returning,
    never return, not bother, not impressed, not happy, not satisfied, not good, avoid, beware`,
  ],
  [
    -1,
    `do not buy, stay away, steer clear, run away, not waste, waste of money, waste of time,
    waste your money, waste your time, wasted my money, wasted my time, waste my money, waste my time,
    rip off, ripped off, ripoff, piece of junk, piece of crap, piece of garbage, crap, crappy, junk,
    garbage, trash, useless, worthless, joke, scam, disappointment, disappointed, disappointing, sucks,
    sucked, unusable, defective, unacceptable, lousy, avoid at all costs, worst, awful`,
  ],
];

/** Words that say "neither good nor bad"; a general list counts them as praise. */
export const middling: readonly string[] = ['okay', 'ok', 'alright', 'average', 'so-so', 'meh'];

/** Words a general list holds to be mood, and which in feedback only name things or are courtesy. */
export const moodless: readonly string[] = `
  want wanted wants please share join drop big true charge pay top help matter feeling feel
  ability reach reached care clear clearly cover solution natural certain sure chance dear
  alone stop pretty kind super no fire shot war kill fight demand fun like just`
  .trim()
  .split(/\s+/);

/** Words that turn around what follows them. */
export const negations: readonly string[] = [
  'not', 'no', 'never', 'none', 'nothing', 'nobody', 'neither', 'nor', 'without', 'hardly', 'barely',
  'scarcely', 'rarely', 'cannot', 'zero', 'fails', 'failed',
];

/** Words that close what a negation reaches, as punctuation does. */
export const boundaries: readonly string[] = [
  '.', ',', ';', ':', '!', '?', '...', '(', ')', 'and', 'but', 'however', 'although', 'though', 'because',
  'since', 'except', 'yet', 'unless', 'until', 'so',
];

/** Words after which what counts comes; what was said before them in the sentence counts less. */
export const contrasts: readonly string[] = ['but', 'however', 'unfortunately', 'until', 'except'];

/** Words that make the next one stronger or weaker, and by how much. */
export const degrees: Readonly<Record<string, number>> = {
  very: 1.3, really: 1.3, extremely: 1.4, so: 1.2, absolutely: 1.4, totally: 1.3, completely: 1.3,
  highly: 1.3, incredibly: 1.4, super: 1.3, most: 1.3, slightly: 0.6, somewhat: 0.6, fairly: 0.8,
  rather: 0.8, almost: 0.6, pretty: 1.1,
};
