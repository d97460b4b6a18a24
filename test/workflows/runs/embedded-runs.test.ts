import { describeRuns } from '../../conformance/runs.ts';
import { openEmbeddedRuns } from '../../support/embedded-runs.ts';

describeRuns('embedded', openEmbeddedRuns());
