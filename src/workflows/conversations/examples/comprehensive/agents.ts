import type { AgentAnswer, AgentRequest, ConversationAgent } from '../../agent.ts';
import { StepwiseAgent, stated } from '../stepwise-agent.ts';

/** The agents of the comprehensive flow that need no model: they go by words, and by what the user chose. */
export function ruleBasedAgents(): Readonly<Record<'primary' | 'specialist', ConversationAgent>> {
  return {
    primary: new StepwiseAgent(
      {
        welcome: () =>
          'Welcome! I am your customer service assistant. Tell me what you need; I suggest a solution, and we go on until it fits.',
        analyze_request: analyze,
        provide_solution: (request) =>
          `For "${stated(request, 'user_request')}" I suggest:\n1. Look at the settings or documents it is about.\n2. Change one thing at a time.\n3. Check that the result is what you wanted.`,
        handle_feedback: handleFeedback,
        answer_questions: (request) =>
          `About "${stated(request, 'followup_questions')}": take the steps in their order, and go back one when a result is not as expected. That holds for your request as well: ${stated(request, 'user_request')}.`,
        completion: (request) =>
          `To sum up: we looked at "${stated(request, 'user_request')}". Thank you for your time; I am glad to help again.`,
      },
      () => 'I am here to help.',
    ),
    specialist: new StepwiseAgent(
      {
        process_details: (request) =>
          `I went through your requirements: ${stated(request, 'specific_requirements') || 'none were given'}. ${pace(request)}${budget(request)}`,
        present_solution: (request) =>
          `Option A: ${first(request)} in one step; quick, with more risk.\nOption B: ${first(request)} in stages; slower, and each stage can be undone.\nI recommend ${stated(request, 'timeline') === 'urgent' ? 'option A' : 'option B'}.`,
      },
      () => 'I look at what is complex.',
    ),
  };
}

/** Words of requests that are more than one question. */
const complex =
  /\b(?:migrat\w*|integrat\w*|custom\w*|several|multiple|compar\w*|plan\w*|project|complex|enterprise|team|departments?|contract|compliance)\b/i;

function analyze(request: AgentRequest): AgentAnswer {
  const wish = stated(request, 'user_request');
  // Long requests are rarely about one thing.
  if (!complex.test(wish) && wish.split(/\s+/).length <= 40)
    return {
      text: `I understand: ${wish}. That I can help with right away.`,
      update: { request_complexity: 'simple_request', dynamic_questions: '' },
    };
  const who = /\b(?:team|departments?|enterprise)\b/i.test(wish)
    ? 'Please say how many people it is for.'
    : 'Please say what has to stay as it is.';
  return {
    text: `I understand: ${wish}. A specialist will look at it.`,
    update: { request_complexity: 'complex_request', dynamic_questions: who },
  };
}

const replies: Readonly<Record<string, readonly [level: string, text: string]>> = {
  perfect: ['satisfied', 'Great! The steps above are all there is to do.'],
  thinking: ['satisfied', 'Take your time. Write to us whenever you have decided.'],
  questions: ['needs_more_help', 'Of course, let us look at your questions.'],
  adjustments: ['needs_more_help', 'Let us adjust it together.'],
  not_right: ['needs_more_help', 'Thank you for saying so. Let us try another way.'],
};

const pleased = /\b(?:thanks?|thank you|great|perfect|excellent|solved|works|love|fine|good)\b/i;
const doubting = /\b(?:but|not|except|however|still|unfortunately|n't)\b|n't\b|\?/i;

function handleFeedback(request: AgentRequest): AgentAnswer {
  const said = stated(request, 'get_feedback');
  const own =
    pleased.test(said) && !doubting.test(said) ? replies['perfect'] : replies['questions'];
  const [level, text] = (Object.hasOwn(replies, said) ? replies[said] : own)!;
  return { text, update: { satisfaction_level: level } };
}

function pace(request: AgentRequest): string {
  const timeline = stated(request, 'timeline');
  if (timeline === 'urgent') return 'As it is urgent, only what can be done today counts.';
  return timeline === 'soon' ? 'It can be done this week.' : 'There is time to do it in stages.';
}

function budget(request: AgentRequest): string {
  const limits = stated(request, 'budget_considerations');
  return limits === '' ? '' : ` I keep to the budget: ${limits}.`;
}

const first = (request: AgentRequest): string =>
  stated(request, 'specific_requirements') || stated(request, 'user_request');
