import { describeRuns } from '../../conformance/runs.ts';
import { openEmbeddedRuns } from '../../support/embedded-runs.ts';

// So that each wait is one in which the run is let go of, and executed again afterwards.
describeRuns('embedded, waiting runs on disk at once', openEmbeddedRuns(1));
