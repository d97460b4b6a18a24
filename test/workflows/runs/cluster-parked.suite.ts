import { describeCluster } from '../../support/cluster.ts';

describeCluster('cluster, with waiting runs on disk at once', 1);
