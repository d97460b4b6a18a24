import { readingOf, type Reader } from './reading.ts';

const yes =
  /^\s*(?:(?:oh|well|hm+|um+)[,\s]+)?(?:yes|yeah|yep|yup|sure|ok(?:ay)?|correct|right|true|exactly|of course|absolutely|certainly|please do|go ahead|confirm(?:ed)?|(?:that['’]?s|that is|this is|it['’]?s|looks?|sounds?|all)\s+(?:all\s+)?(?:correct|right|good|fine|perfect|great)|perfect|y|👍)(?:[\s,.!]+(?:please|thanks|thank you|it is|i do|i am|that['’]?s (?:right|correct|it|all)|correct|right|perfect|great|good|fine))*[\s.!]*$/iu;
const no =
  /^\s*(?:(?:oh|well|hm+|um+)[,\s]+)?(?:no|nope|nah|false|not really|not quite|wrong|incorrect|not (?:right|correct)|(?:that['’]?s|that is|it['’]?s)\s+(?:wrong|incorrect|not (?:right|correct))|n|👎)(?:[\s,.!]+(?:thanks|thank you|please|it is not|it isn['’]t|i don['’]t|i am not|that['’]?s (?:wrong|not (?:right|correct))|sorry))*[\s.!]*$/iu;

/** Whether the whole text says yes. */
export const saysYes = (text: string): boolean => yes.test(text);

/** Whether the whole text says no. */
export const saysNo = (text: string): boolean => no.test(text);

/** Reads yes or no. */
export const readBoolean: Reader = (text, _field, { meant }) => {
  const value = saysYes(text) ? true : saysNo(text) ? false : undefined;
  if (value !== undefined) return { kind: 'value', value, start: 0, end: text.length };
  if (!meant) return undefined;
  const match = /^\s*(yes|yeah|yep|no|nope|true|false)\b/i.exec(text);
  return (
    (match && readingOf(match, { kind: 'value', value: /^[yt]/i.test(match[1]!) })) || undefined
  );
};

/** Reads a mail address. */
export const readEmail: Reader = (text) => {
  const match =
    /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/.exec(text);
  return match ? readingOf(match, { kind: 'value', value: match[0] }) : undefined;
};

/** Reads a phone number; it is kept as its digits, with the plus of an international one. */
export const readPhone: Reader = (text, _field, { meant }) => {
  const match = /(?<![\w@.])(?:\+|00)?\(?\d(?:[\s()./-]{0,3}\d){5,16}(?![\w@])/.exec(text);
  if (!match || /^\d{1,4}([./-])\d{1,2}\1\d{1,4}$/.test(match[0])) return undefined;
  const digits = match[0].replaceAll(/\D/g, '');
  const international = match[0].startsWith('+') || digits.startsWith('00');
  // A number without a plus could be anything, unless one was asked for.
  if (!meant && !international) return undefined;
  const value = international ? `+${digits.replace(/^00/, '')}` : digits;
  return readingOf(match, { kind: 'value', value });
};

const nameWord = String.raw`\p{Lu}[\p{L}\p{M}'’.-]*`;
const particle = 'de|da|di|do|dos|del|della|la|le|van|von|der|den|ter|zu|zur|bin|ibn|al|el|y|af|av';
const properName = String.raw`${nameWord}(?:[ ]+(?:(?:${particle})[ ]+){0,3}${nameWord}){0,5}`;
const introduced = new RegExp(
  String.raw`(?:\b[Mm]y (?:full )?name(?:['’]s| is)|\b[Ii]['’]?m(?: called)?|\bI am(?: called)?|\b[Cc]all me|\b[Tt]his is|\b[Tt]he name is|\b[Nn]ame:)\s+(${properName})(?![\p{L}'’])`,
  'u',
);

/** Reads a person's name: after `my name is` or `I'm`, or the whole text where a name was asked for. */
export const readName: Reader = (text, _field, { meant }) => {
  const match = introduced.exec(text);
  if (match) {
    const name = match[1]!.replace(/[.\s]+$/, '');
    const start = match.index + match[0].indexOf(name);
    return { kind: 'value', value: name, start, end: start + name.length };
  }
  if (!meant) return undefined;
  const whole =
    /^\s*(?:(?:hi|hello|hey)[,!.]?\s+)?(?:(?:it['’]?s|it is|i['’]?m|i am|my name is|this is|call me)\s+)?([\p{L}\p{M}'’. -]{1,100}?)[\s.,!]*$/iu.exec(
      text,
    );
  const name = whole?.[1]?.trim();
  if (!whole || !name || name.split(/\s+/).length > 7 || noName.test(name) || isFiller(name))
    return undefined;
  const start = whole.index + whole[0].indexOf(name);
  return { kind: 'value', value: name, start, end: start + name.length };
};

const noName =
  /^(?:yes|no|ok|okay|sure|hi|hello|hey|thanks|thank you|help|what|why|who|how|when|where|which|skip|cancel|stop|idk|nothing|none|nobody)\b|\b(?:don['’]?t|know|not|sure|born|want|would|can|tell|profile|the|is|are|my|your)\b/i;

const bornIn = new RegExp(
  String.raw`\b(?:born|live|lives|living|based|from|to|in|at)\s+(?:in\s+|at\s+)?(${String.raw`\p{Lu}[\p{L}\p{M}'’.-]*(?:[ ]+(?:(?:${particle}|of|the)[ ]+){0,2}\p{Lu}[\p{L}\p{M}'’.-]*){0,4}(?:,[ ]*(?!I\b|[Mm]y\b)\p{Lu}[\p{L}\p{M}'’. -]{1,60}?){0,2}`})(?=$|[,.;!?]|\s+(?:and|on|at|in|i|my|around|when|but|with)\b|\s*$)`,
  'u',
);
const noPlace =
  /^(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|AM|PM)\b/;

/** Reads the name of a place: after `in` or `from`, or the whole text where a place was asked for. */
export const readPlace: Reader = (text, _field, { meant }) => {
  const match = bornIn.exec(text);
  if (match && !noPlace.test(match[1]!)) {
    const place = match[1]!.replace(/[.,\s]+$/, '');
    const start = match.index + match[0].lastIndexOf(place);
    return { kind: 'value', value: place, start, end: start + place.length };
  }
  if (!meant) return undefined;
  const whole =
    /^[\s,]*(?:(?:i was|it was|i am|i['’]m|it['’]s|it is)\s+)?(?:born\s+)?(?:(?:in|at|from)\s+)?([\p{L}\p{M}\p{N}'’.,() -]{2,200}?)[\s.!?]*$/iu.exec(
      text,
    );
  const place = whole?.[1]?.trim();
  if (!whole || !place || !/\p{L}{2}/u.test(place) || noAnswer.test(place) || isFiller(place))
    return undefined;
  const start = whole.index + whole[0].indexOf(place);
  return { kind: 'value', value: place, start, end: start + place.length };
};

const noAnswer =
  /^(?:yes|no|ok|okay|sure|thanks|help|idk|nothing|none)$|\b(?:don['’]?t know|not sure|what|why|how)\b/i;

/** Takes the whole text. */
export const readText: Reader = (text, _field, { meant }) =>
  meant ? { kind: 'value', value: text.trim(), start: 0, end: text.length } : undefined;

const filler = new Set(
  "my and is was born on in at the i it i'm am a of from to no sorry actually hi hello please so that this".split(
    ' ',
  ),
);

/** Whether nothing but words between others is left of a text. */
const isFiller = (text: string): boolean =>
  text
    .toLowerCase()
    .split(/[\s,.]+/)
    .every((word) => word === '' || filler.has(word));
