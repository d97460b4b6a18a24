export { ruleBasedAgents } from './comprehensive/agents.ts';
export { comprehensiveFlow } from './comprehensive/comprehensive-flow.ts';
export { ruleBasedShopAgents, shopAgents, type ShopAgent } from './e-commerce/agents.ts';
export type { ReturnPolicy } from './e-commerce/assess-return.ts';
export {
  ECommerceSystem,
  shopFlows,
  type ECommerceConfiguration,
  type StartCustomerSession,
} from './e-commerce/e-commerce-system.ts';
export type { ShopMail } from './e-commerce/shop-mail.ts';
export { StepwiseAgent, type StepAnswer } from './stepwise-agent.ts';
