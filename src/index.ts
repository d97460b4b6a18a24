export {
  errorTable,
  GraphwrightError,
  type ErrorCode,
  type ErrorKind,
  type Problem,
  type SerializedError,
} from './errors.ts';

export { startTracing, type TracingOptions } from './tracing.ts';

export {
  attributed,
  currentAttribution,
  type Agent,
  type Attribution,
} from './ontology/attribution.ts';
export { openEmbedded } from './ontology/embedded/open-embedded.ts';
export { federatedQuery, type Federation } from './ontology/federation/federated-query.ts';
export { GraphBuilder } from './ontology/graph-builder.ts';
export { parseRdf, type ParseOptions } from './ontology/formats/parse-rdf.ts';
export { loadOntologies } from './ontology/load-ontologies.ts';
export { RemoteStore, type RemoteStoreConfiguration } from './ontology/remote/remote-store.ts';
export { loadShapes } from './ontology/shapes/load-shapes.ts';
export { parseShapes } from './ontology/shapes/parse-shapes.ts';
export type { ValidationReport, ValidationResult } from './ontology/shapes/report.ts';
export type { Shapes } from './ontology/shapes/shape.ts';
export { validate } from './ontology/shapes/validate.ts';
export { sparql, sparqlText, triples, type Sparql, type SparqlValue } from './ontology/sparql.ts';
export type {
  Change,
  ChangePattern,
  ChangesOptions,
  Commit,
  Dataset,
  ObservableStore,
  OntologyStore,
  QueryOptions,
  ReplaceSubjectsOptions,
  Row,
  SubscribeOptions,
  UpdateOptions,
  Verification,
  WriteOptions,
} from './ontology/store.ts';
export { graphName, iri, namespace, thing } from './ontology/terms.ts';
export { coreVocabulary, Vocabulary } from './ontology/vocabulary.ts';

export { Integration } from './integrations/integration.ts';
export { CityPlaces } from './integrations/places/city-places.ts';
export type { Place, Places } from './integrations/places/places.ts';
export { Pipeline, type PipelineRun } from './pipelines/pipeline.ts';
export { runPipeline } from './pipelines/run-pipeline.ts';

export type { Application } from './server/application.ts';
export type { FlowModule, WorkflowModule } from './server/own-module.ts';

export type {
  ApprovalFrom,
  ApprovalRule,
  ApprovalSettings,
} from './workflows/approval/approval-policy.ts';
export { approvalWorkflows } from './workflows/approval/approval-workflows.ts';
export {
  Approvals,
  type Approval,
  type ApprovalFilter,
  type Decision,
} from './workflows/approval/approvals.ts';
export type { Decider } from './workflows/approval/decider.ts';
export type { ApprovalDecision, RunApproval } from './workflows/approval/run-approval.ts';
export { batch, type BatchOptions, type Outcome } from './workflows/batch.ts';
export type {
  AgentAnswer,
  AgentRequest,
  ConversationAgent,
  Utterance,
} from './workflows/conversations/agent.ts';
export type {
  ConversationFilter,
  ConversationPage,
  ConversationsConfiguration,
  Delivery,
  Followed,
  FollowConversation,
  HistoryFilter,
  RollbackTarget,
  StartConversation,
} from './workflows/conversations/api.ts';
export { compileSteps } from './workflows/conversations/compile-steps.ts';
export type {
  Checkpoint,
  ConversationKey,
  ConversationRecord,
  ConversationStatus,
  ConversationSummary,
  Session,
  Turn,
} from './workflows/conversations/conversation.ts';
export { Conversations } from './workflows/conversations/engine/conversations.ts';
export type {
  CompiledFlow,
  CompiledStep,
  RunEnd,
  StepContext as ConversationStepContext,
  StepInput,
  StepResult,
} from './workflows/conversations/flow.ts';
export {
  defaultEngineSettings,
  defaultFlowSettings,
  type EngineSettings,
  type FlowSettings,
} from './workflows/conversations/flow-settings.ts';
export {
  profileFlow,
  type ProfileFlowConfiguration,
} from './workflows/conversations/examples/profile/profile-flow.ts';
export { CreateProfile } from './workflows/conversations/examples/profile/create-profile.ts';
export type {
  CheckContext,
  Field,
  FieldCheck,
  FieldType,
  Meaning,
  Verdict,
} from './workflows/conversations/forms/field.ts';
export { FormStep } from './workflows/conversations/forms/form-conversation-step.ts';
export { formStep, type FormStepOptions } from './workflows/conversations/forms/form-step.ts';
export {
  defineForm,
  formSchema,
  type Form,
  type FormValues,
} from './workflows/conversations/forms/form.ts';
export {
  ModelReader,
  type ModelReaderConfiguration,
} from './workflows/conversations/forms/model-reader.ts';
export { RulesReader } from './workflows/conversations/forms/rules/understand.ts';
export type {
  FormMessage,
  FormReader,
  Understanding,
} from './workflows/conversations/forms/understanding.ts';
export type { Json, JsonObject } from './workflows/conversations/json.ts';
export type { ConversationEvent, LogEntry } from './workflows/conversations/log.ts';
export type {
  AcceptedEvent,
  AcceptedMessage,
  ExternalEvent,
  Message,
  Reply,
} from './workflows/conversations/message.ts';
export {
  openConversationStorage,
  type OpenConversationStorage,
} from './workflows/conversations/settings/open-storage.ts';
export {
  readConversationSettings,
  type ConversationSettingsSources,
  type ReadSettings,
} from './workflows/conversations/settings/read-settings.ts';
export { ConversationStep, type FlowOfSteps } from './workflows/conversations/step.ts';
export {
  recordCodec,
  type RecordCodecConfiguration,
} from './workflows/conversations/storage/codec/record-codec.ts';
export { mermaidOf } from './workflows/conversations/drawing/mermaid.ts';
export { svgOf } from './workflows/conversations/drawing/svg.ts';
export {
  compileFlow,
  type CompileFlowOptions,
} from './workflows/conversations/flows/compile-flow.ts';
export { lintFlow } from './workflows/conversations/flows/lint-flow.ts';
export { loadFlows, type LoadFlowsOptions } from './workflows/conversations/flows/load-flows.ts';
export { parseFlow, readFlow } from './workflows/conversations/flows/read-flow.ts';
export { conversationWorkflows } from './workflows/conversations/surfaces/conversation-workflows.ts';
export { MemoryConversations } from './workflows/conversations/storage/memory.ts';
export { SqliteConversations } from './workflows/conversations/storage/sqlite/sqlite-conversations.ts';
export type {
  ConversationStorage,
  RecordCodec,
} from './workflows/conversations/storage/storage.ts';
export {
  ConversationSystem,
  type ConversationSystemConfiguration,
  type StartSession,
  type SystemStatistics,
} from './workflows/conversations/system/conversation-system.ts';
export type { Resources } from './workflows/conversations/system/resource-monitor.ts';
export type { SystemAgent, SystemAgents } from './workflows/conversations/system/system-agents.ts';
export type { FlowSource } from './workflows/conversations/system/system-flows.ts';
export { execute, type ExecuteOptions, type Progress } from './workflows/execute.ts';
export { runWorkflows } from './workflows/runs/run-workflows.ts';
export { graphTools } from './workflows/graph/graph-tools.ts';
export type { GraphToolConfiguration } from './workflows/graph/graph-tool.ts';
export {
  loadQueryTemplates,
  type LoadTemplatesOptions,
} from './workflows/queries/load-templates.ts';
export { EmbeddedRuns } from './workflows/runs/embedded-runs.ts';
export { ownedRuns, type OwnedRuns } from './workflows/runs/owned-runs.ts';
export type {
  CompletedStep,
  FollowOptions,
  Retention,
  RunEvent,
  RunFilter,
  RunPage,
  RunRecord,
  Runs,
  RunStatus,
  Signal,
  StartOptions,
  Waiting,
} from './workflows/runs/runs.ts';
export {
  Workflow,
  workflowList,
  type AnyWorkflow,
  type Backoff,
  type EffectContext,
  type EffectDecision,
  type EffectPolicy,
  type Hints,
  type HttpBinding,
  type ParametersOf,
  type Policy,
  type ResultOf,
  type Run,
  type RunBatchOptions,
  type StepContext,
  type StepPolicy,
  type WaitOptions,
} from './workflows/workflow.ts';
export type { EventOptions, EventType } from './workflows/triggers/events.ts';
export {
  onChange,
  onEvent,
  onSchedule,
  wakeOn,
  type ScheduleOptions,
  type Trigger,
} from './workflows/triggers/trigger.ts';
