import { publicRun } from '../call.ts';
import type { OwnedRuns } from '../../runs/owned-runs.ts';
import type { ResourceSource } from './resources.ts';

const mimeType = 'application/json';

/** Runs as `run://<id>`, the newest 50 listed: status, steps, result or error as JSON. */
export function runResources(runs: Pick<OwnedRuns, 'get' | 'list'>): ResourceSource {
  return {
    scheme: 'run:',
    async list() {
      const { items } = await runs.list({ limit: 50 });
      return items.map(({ id, workflow, status, startedAt }) => ({
        uri: `run://${id}`,
        name: `${workflow} ${id}`,
        description: `${status}, accepted ${startedAt}`,
        mimeType,
      }));
    },
    template: {
      uriTemplate: 'run://{id}',
      name: 'run',
      description: 'A run of a workflow: its status, steps, and result or error',
      mimeType,
    },
    async read({ hostname }) {
      const record = await runs.get(hostname);
      return record && { mimeType, text: JSON.stringify(publicRun(record)) };
    },
  };
}
