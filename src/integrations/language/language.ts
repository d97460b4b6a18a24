import { z } from 'zod';

/** What a text says of its writer's mood. */
export const Sentiment = z.enum(['positive', 'negative', 'neutral']);
export type Sentiment = z.output<typeof Sentiment>;

/** What feedback can be about. The last four are critical: a person looks at them. */
export const Category = z.enum([
  'product',
  'service',
  'pricing',
  'usability',
  'performance',
  'general',
  'bug',
  'security',
  'billing',
  'legal',
]);
export type Category = z.output<typeof Category>;

/** A sentiment with its grounds. */
export const SentimentAnalysis = z.object({
  sentiment: Sentiment,
  score: z.number().min(-1).max(1).describe('From -1, wholly negative, to 1, wholly positive'),
  confidence: z.number().min(0).max(1).describe('From 0, a guess, to 1, certain'),
  evidence: z.array(z.string()).describe('The words of the text that decided it'),
});
export type SentimentAnalysis = z.output<typeof SentimentAnalysis>;

/** The categories of a text with their grounds; `general` alone when nothing else fits. */
export const CategoryAnalysis = z.object({
  categories: z.array(Category).min(1),
  evidence: z
    .partialRecord(Category, z.array(z.string()))
    .describe('For each category, the words of the text that decided it'),
});
export type CategoryAnalysis = z.output<typeof CategoryAnalysis>;

/** How many quotes ground an answer at most: a long text says the same many times over. */
export const mostEvidence = 20;

/** Reads the mood and the subject of a text. */
export interface Language {
  analyzeSentiment(text: string, signal?: AbortSignal): Promise<SentimentAnalysis>;
  categorize(text: string, signal?: AbortSignal): Promise<CategoryAnalysis>;
}
