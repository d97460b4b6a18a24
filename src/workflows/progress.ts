/** How far a run is. */
export interface Progress {
  done: number;
  total?: number;
  message?: string;
}

/** A step that has begun or ended, told to whoever follows the run. */
export interface StepEvent {
  step: string;
  status: 'started' | 'completed' | 'failed';
  /** Milliseconds; absent at the start. */
  duration?: number;
}
