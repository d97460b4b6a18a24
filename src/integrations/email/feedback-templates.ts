import { z } from 'zod';
import type { MailTemplate } from './templates.ts';

const Data = z.object({
  customerName: z.string().min(1),
  feedbackId: z.string().min(1),
  feedbackText: z.string(),
  categories: z.array(z.string()),
  isPriority: z.boolean(),
});

interface Words {
  accent: string;
  title: string;
  paragraphs: string[];
}

const font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** One letter for every occasion; inline styles, since mail clients drop the others. */
const letter = ({ accent, title, paragraphs }: Words): string => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>${title}</title></head>
  <body style="margin:0;padding:24px 12px;background:#f3f4f6;${font}">
    <div style="max-width:560px;margin:0 auto;background:#ffffff;border-radius:8px;border-top:4px solid ${accent};padding:28px 32px">
      <h1 style="margin:0 0 18px;font-size:20px;line-height:1.3;color:#111827">${title}</h1>
      <p style="${paragraph}">Dear <%= it.customerName %>,</p>
      ${paragraphs.map((text) => `<p style="${paragraph}">${text}</p>`).join('\n      ')}
      <% if (it.isPriority) { %><p style="${paragraph}">You are one of our priority customers: when you write, we answer first.</p><% } %>
      <p style="margin:20px 0 0;font-size:13px;color:#6b7280">You wrote:</p>
      <blockquote style="margin:8px 0 20px;padding:10px 16px;border-left:3px solid ${accent};background:#f9fafb;color:#374151;font-size:14px;line-height:1.5;overflow-wrap:anywhere">${quote}</blockquote>
      <p style="${paragraph}">With kind regards,<br />Your customer care team</p>
      <p style="margin:24px 0 0;padding-top:14px;border-top:1px solid #e5e7eb;font-size:12px;line-height:1.6;color:#6b7280">
        Your feedback <strong><%= it.feedbackId %></strong> is filed under <%= new Intl.ListFormat('en').format(it.categories) || 'general' %>.<br />
        This mail was written automatically.
      </p>
    </div>
  </body>
</html>
`;

// Line by line, since not every mail client knows white-space:pre-line.
const quote =
  '<% it.feedbackText.split(/\\r\\n?|\\n/).forEach((line, index) => { %><% if (index) { %><br /><% } %><%= line %><% }) %>';

const paragraph = 'margin:0 0 14px;font-size:15px;line-height:1.6;color:#1f2937';

/** The mails that answer feedback, one for each mood and one for an escalation. */
export const feedbackTemplates = {
  positive_feedback_response: {
    data: Data,
    html: letter({
      accent: '#059669',
      title: 'Thank you for your kind words',
      paragraphs: [
        'It is good to hear that you are happy. We have passed your words on to the people who did the work.',
        'If there is anything that we can do better still, an answer to this mail reaches us.',
      ],
    }),
  },
  negative_feedback_response: {
    data: Data,
    html: letter({
      accent: '#dc2626',
      title: 'We are sorry that we let you down',
      paragraphs: [
        'Thank you for telling us openly. This is not what you should get from us, and we are looking into what went wrong.',
        'If you would like to add something, please answer this mail: it will be read together with your feedback.',
      ],
    }),
  },
  neutral_feedback_response: {
    data: Data,
    html: letter({
      accent: '#2563eb',
      title: 'Thank you for your feedback',
      paragraphs: [
        'We have received what you wrote and will take it into account.',
        'If you would like to add something, an answer to this mail reaches us.',
      ],
    }),
  },
  escalation_acknowledgment: {
    data: Data.extend({ ticketId: z.string().min(1) }),
    html: letter({
      accent: '#7c3aed',
      title: 'A person is looking at your feedback',
      paragraphs: [
        'Thank you for writing to us. We have opened ticket <strong><%= it.ticketId %></strong>, and one of us will come back to you.',
        'Please keep the ticket number in the subject when you answer.',
      ],
    }),
  },
} as const satisfies Record<string, MailTemplate>;
