import { describeApprovals } from '../../conformance/approvals.ts';
import { describeCluster } from '../../support/cluster.ts';

describeCluster('cluster', undefined, describeApprovals);
