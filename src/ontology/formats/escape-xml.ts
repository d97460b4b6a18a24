const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Readers turn these into spaces or line feeds unless they are written by number.
  '\r': '&#13;',
  '\t': '&#9;',
};

/** A text as XML has it, between tags or within double quotation marks. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"\r\t]/g, (sign) => entities[sign]!);
