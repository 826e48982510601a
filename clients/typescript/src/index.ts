// The client of Dealgate, and what its calls take and give.
export * from "./client.js";
export * from "./errors.js";
export { newKey } from "./calls.js";
export type { Call, Choices, FlowOptions, Options } from "./calls.js";
export * from "./questions.js";
export { RETRY } from "./retry.js";
export type { Retry } from "./retry.js";
export * from "./values.js";
export { Disposition, LeadSource, Seniority } from "./gen/dealgate/v1/lead_pb.js";
export { ActivityType } from "./gen/dealgate/v1/activity_pb.js";
export { ResultType } from "./gen/dealgate/v1/result_pb.js";
export type { Answer, Question, RecordedDecision, RecordedDecisionSummary, WatchedEvent } from "./gen/dealgate/v1/decision_service_pb.js";
