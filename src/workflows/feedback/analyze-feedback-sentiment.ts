import { SentimentAnalysis, type Language } from '../../integrations/language/language.ts';
import { Workflow, type Run } from '../workflow.ts';
import { FeedbackText } from './parameters.ts';

/** What the text workflows need. */
export interface LanguageConfiguration {
  language: Language;
}

/** Tells whether a feedback text is positive, negative or neutral, and why. */
export class AnalyzeFeedbackSentiment extends Workflow<LanguageConfiguration> {
  readonly name = 'analyze_feedback_sentiment';
  readonly description = 'Analyze the sentiment of customer feedback text.';
  readonly parameters = FeedbackText;
  readonly result = SentimentAnalysis;
  override readonly hints = { readOnly: true, idempotent: true };

  async run({ text }: FeedbackText, run: Run) {
    return this.configuration.language.analyzeSentiment(text, run.signal);
  }
}
