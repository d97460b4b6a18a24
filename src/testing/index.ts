export { FakeClock } from './fake-clock.ts';
export { scriptedModel } from './scripted-model.ts';
export { customersOf, testKit, type TestKit } from './test-kit.ts';
