export type { ClusterRunsConfiguration } from './cluster-configuration.ts';
export { ClusterRuns } from './cluster-runs.ts';
