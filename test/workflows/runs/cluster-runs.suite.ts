import { describeCluster } from '../../support/cluster.ts';

describeCluster('cluster');
