/** Colours for a terminal, or plain text where there is none. */
export interface Painter {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** A painter that writes ANSI colours, or none. */
export function painter(colours: boolean): Painter {
  const style = (open: number, close: number) => (text: string) =>
    colours && text ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    green: style(32, 39),
    red: style(31, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}

/** Whether a stream shows colours: a terminal, unless NO_COLOR is set; FORCE_COLOR overrides. */
export function showsColours(
  stream: NodeJS.WriteStream,
  environment: NodeJS.ProcessEnv = process.env,
): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0';
  return stream.isTTY === true;
}
