/** One outside system: knows its protocol, returns parsed data, knows nothing of workflows. */
export abstract class Integration<Configuration> {
  protected readonly configuration: Configuration;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
}
