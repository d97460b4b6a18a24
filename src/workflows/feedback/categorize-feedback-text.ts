import { CategoryAnalysis } from '../../integrations/language/language.ts';
import { Workflow, type Run } from '../workflow.ts';
import type { LanguageConfiguration } from './analyze-feedback-sentiment.ts';
import { FeedbackText } from './parameters.ts';

/** Tells what a feedback text is about, and why. */
export class CategorizeFeedbackText extends Workflow<LanguageConfiguration> {
  readonly name = 'categorize_feedback_text';
  readonly description = 'Categorize customer feedback text into predefined categories.';
  readonly parameters = FeedbackText;
  readonly result = CategoryAnalysis;
  override readonly hints = { readOnly: true, idempotent: true };

  async run({ text }: FeedbackText, run: Run) {
    return this.configuration.language.categorize(text, run.signal);
  }
}
