import { describeApprovals } from '../../conformance/approvals.ts';
import { openEmbeddedRuns } from '../../support/embedded-runs.ts';

describeApprovals('embedded, let go of at once', openEmbeddedRuns(1));
