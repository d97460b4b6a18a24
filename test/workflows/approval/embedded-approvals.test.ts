import { describeApprovals } from '../../conformance/approvals.ts';
import { openEmbeddedRuns } from '../../support/embedded-runs.ts';

describeApprovals('embedded', openEmbeddedRuns());
