import { Eta } from 'eta/core';
import { compile as compileText } from 'html-to-text';
import type { z } from 'zod';
import { GraphwrightError } from '../../errors.ts';
import { suggest } from '../../nearest.ts';
import { parse } from '../../parse.ts';

/** A mail's text with holes (https://eta.js.org, `<%= it.name %>`), and what fills them. */
export interface MailTemplate {
  /** HTML; what is filled in is always escaped. */
  html: string;
  data: z.ZodObject;
}

/** A rendered mail: each has both parts. */
export interface RenderedMail {
  html: string;
  text: string;
}

const longest = 64 * 1024;
const mostTags = 200;
// The raw tag, and eta's own ways around the escaping.
const unescaped = /<%[-_]?\s*~|<%(?:(?!%>)[^])*(?<![.\w])(?:__eta\b|output\s*\()/;

const toText = compileText({
  wordwrap: 78,
  selectors: [
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
  ],
});

/** Templates by name, compiled once; a template can reach no file and no other template. */
export class MailTemplates {
  readonly #eta = new Eta({ autoEscape: true, cache: false });
  readonly #compiled = new Map<string, (data: object) => string>();
  readonly #templates: Readonly<Record<string, MailTemplate>>;

  /** @throws GraphwrightError `invalid_parameters` for a template that is too large or writes unescaped text. */
  constructor(templates: Readonly<Record<string, MailTemplate>>) {
    this.#templates = templates;
    for (const [name, { html }] of Object.entries(templates))
      this.#compiled.set(name, this.#compile(name, html));
  }

  /**
   * Fills a template in.
   * @throws GraphwrightError `invalid_parameters` for an unknown template, or naming the missing or wrong data.
   */
  render(name: string, data: Record<string, unknown>): RenderedMail {
    const fill = this.#compiled.get(name);
    const template = this.#templates[name];
    if (!fill || !template)
      throw new GraphwrightError(
        'invalid_parameters',
        `No mail template ${name}; ${suggest(name, [...this.#compiled.keys()])}`,
      );
    const parsed = parse(template.data, data, 'invalid_parameters', `Mail template ${name}`);
    return inTemplate(name, () => {
      const html = fill(parsed);
      return { html, text: toText(html) };
    });
  }

  #compile(name: string, html: string): (data: object) => string {
    const tags = html.split('<%').length - 1;
    if (html.length > longest || tags > mostTags)
      throw new GraphwrightError(
        'invalid_parameters',
        `Mail template ${name} is larger than ${longest} characters or ${mostTags} tags`,
      );
    if (unescaped.test(html))
      throw new GraphwrightError(
        'invalid_parameters',
        `Mail template ${name} writes unescaped text (<%~, output, __eta); use <%=`,
      );
    const template = inTemplate(name, () => this.#eta.compile(html));
    return (data) => this.#eta.render(template, data);
  }
}

/** What fails in a template is the template's fault: a slip in its code, or HTML too deep to walk. */
function inTemplate<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const message = `Mail template ${name}: ${(cause as Error).message}`;
    throw new GraphwrightError('invalid_parameters', message, { cause });
  }
}
