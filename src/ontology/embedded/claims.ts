/**
 * What stands at the place of a job that was sent to a reader, in memory that both threads see: whoever
 * changes it from open has the job to do.
 */
export const jobClaim = { free: 0, open: 1, begun: 2, withdrawn: 3 } as const;
