/**
 * Remembers what a function makes of a text that comes again and again, such as a header; once it has made
 * something of so many texts it forgets them all. What it throws is not remembered.
 */
export function remember<Value, Context>(
  make: (text: string, context: Context) => Value,
  most = 256,
): (text: string, context: Context) => Value {
  const known = new Map<string, Value>();
  return (text, context) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text, context);
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}
