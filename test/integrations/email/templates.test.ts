import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EmailIntegration } from '../../../src/integrations/email/email-integration.ts';
import { feedbackTemplates } from '../../../src/integrations/email/feedback-templates.ts';
import { memoryTransport } from '../../../src/integrations/email/memory-transport.ts';
import { MailTemplates } from '../../../src/integrations/email/templates.ts';
import { data, mail } from './mails.ts';

const templates = new MailTemplates(feedbackTemplates);
const full = (name: string) =>
  name.startsWith('escalation') ? { ...data, ticketId: 'T-42' } : data;
const names = Object.keys(feedbackTemplates);

describe('A11 the templates', () => {
  test('are one for each mood and one for an escalation', () => {
    expect(names).toEqual([
      'positive_feedback_response',
      'negative_feedback_response',
      'neutral_feedback_response',
      'escalation_acknowledgment',
    ]);
  });

  test.each(names)('%s says who wrote, what, about what, and under which number', (name) => {
    for (const part of Object.values(templates.render(name, full(name)))) {
      expect(part).toContain('Dear Zoë Müller,');
      expect(part).toContain('f-1');
      expect(part).toContain('product and service');
      expect(part).toContain('The lamp is lovely.');
      expect(part).not.toContain('priority');
      expect(part).not.toContain('<%');
    }
  });

  test.each(names)('%s tells a priority customer so', (name) => {
    for (const part of Object.values(templates.render(name, { ...full(name), isPriority: true })))
      expect(part).toContain('You are one of our priority customers');
  });

  test('keep the lines of the feedback, as a quotation', () => {
    const { html, text } = templates.render('neutral_feedback_response', data);
    expect(text).toContain('> The lamp is lovely.\n> It shines 🌞');
    expect(html).toContain('The lamp is lovely.<br />It shines 🌞');
  });

  test('name the ticket of an escalation, and insist on it', () => {
    const { html, text } = templates.render('escalation_acknowledgment', full('escalation'));
    expect(html).toContain('<strong>T-42</strong>');
    expect(text).toContain('ticket T-42');
    expect(() => templates.render('escalation_acknowledgment', data)).toThrow(
      expect.objectContaining({
        code: 'invalid_parameters',
        message: expect.stringContaining('escalation_acknowledgment'),
        problems: [expect.objectContaining({ pointer: '/ticketId' })],
      }),
    );
  });

  test.each([
    ['missing', { customerName: undefined }, '/customerName'],
    ['wrong', { categories: 'product' }, '/categories'],
    ['unknown', { custmerName: 'Ada' }, '/custmerName'],
  ])('refuse data that is %s, naming template and key', (_, change, pointer) => {
    expect(() => templates.render('positive_feedback_response', { ...data, ...change })).toThrow(
      expect.objectContaining({
        code: 'invalid_parameters',
        message: expect.stringContaining('positive_feedback_response'),
        problems: [expect.objectContaining({ pointer })],
      }),
    );
  });

  test('suggest a name for one that is misspelt', () => {
    expect(() => templates.render('postive_feedback_response', data)).toThrow(
      /did you mean positive_feedback_response/,
    );
  });

  test('can be added to and replaced by the author of a program', async () => {
    const transport = memoryTransport();
    const email = new EmailIntegration({
      from: { address: 'care@example.org' },
      transport,
      templates: {
        welcome: { html: '<p>Welcome, <%= it.name %>!</p>', data: z.object({ name: z.string() }) },
        neutral_feedback_response: { html: '<p>Noted.</p>', data: z.object({}) },
      },
    });
    const send = (template: string, values: Record<string, unknown>) =>
      email.sendTemplatedEmail(mail({ key: template, template, data: values }));
    await send('welcome', { name: 'Ada' });
    await send('neutral_feedback_response', {});
    await send('positive_feedback_response', data);
    const texts = transport.sent.map(({ text }) => text.split('\n')[0]);
    expect(texts).toEqual(['Welcome, Ada!', 'Noted.', 'Thank you for your kind words']);
  });
});

const own = (html: string) =>
  new MailTemplates({ own: { html, data: z.object({ name: z.string() }) } });

describe('T32 templates', () => {
  test.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['<img src=x onerror="alert(1)">', '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'],
    [`' " &`, '&#39; &quot; &amp;'],
    ['<%= 7 * 191 %>', '&lt;%= 7 * 191 %&gt;'],
  ])('write %s escaped in every place that is filled in', (hostile, escaped) => {
    const { html, text } = templates.render('escalation_acknowledgment', {
      customerName: hostile,
      feedbackId: hostile,
      feedbackText: hostile,
      categories: [hostile],
      isPriority: true,
      ticketId: hostile,
    });
    expect(html.split(escaped)).toHaveLength(6);
    expect(html).not.toContain(hostile);
    expect(text.replaceAll(/\n(?:> )?/g, ' ').split(hostile)).toHaveLength(6);
  });

  const tooMuch = /larger than 65536 characters or 200 tags/;
  const raw = /unescaped/;
  test.each([
    ['4,000 blocks', '<% block("a", () => { %>x<% }) %>'.repeat(4000), tooMuch],
    ['4,000 nested blocks', '<% if (1) { %>'.repeat(4000) + '<% } %>'.repeat(4000), tooMuch],
    ['more text than any mail needs', 'x'.repeat(65_537), tooMuch],
    ['the raw tag', '<%~ it.name %>', raw],
    ['the raw tag, trimmed', '<%_ ~ it.name %>', raw],
    ['output()', '<% if (1) { output(it.name) } %>', raw],
    ['the inside of eta', '<% __eta.res += it.name %>', raw],
    ['a tag that does not end', '<%= it.name', /unclosed tag/],
    ['code that is none', '<% if ( %>', /own/],
  ])('with %s are refused when the program starts', (_, html, message) => {
    expect(() => own(html)).toThrow(
      expect.objectContaining({
        code: 'invalid_parameters',
        status: 400,
        message: expect.stringMatching(message),
      }),
    );
  });

  test.each([
    ['a file', '<%= include("/etc/hostname") %>'],
    ['a file as its layout', '<% layout("/etc/hostname") %>'],
    ['another template', '<%= include("@positive_feedback_response") %>'],
    ['what is not there', '<%= it.name.first.second %>'],
    ['20,000 elements within each other', '<b>'.repeat(20_000)],
  ])('that reach for %s are refused by name', (_, html) => {
    expect(() => own(html).render('own', { name: 'Ada' })).toThrow(
      expect.objectContaining({
        code: 'invalid_parameters',
        message: expect.stringMatching(/^Mail template own: /),
      }),
    );
  });

  test('may use words that only look like ways around', () => {
    const { html } = own('<p>output(1) <%= it.name %> __eta</p>').render('own', { name: 'Ada' });
    expect(html).toBe('<p>output(1) Ada __eta</p>');
  });
});
