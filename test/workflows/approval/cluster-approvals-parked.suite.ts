import { describeApprovals } from '../../conformance/approvals.ts';
import { describeCluster } from '../../support/cluster.ts';

describeCluster('cluster, let go of at once', 1, describeApprovals);
