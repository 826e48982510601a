// Questions and answers of any kind, for batches and streams.
import { create } from "@bufbuild/protobuf";
import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { QuestionSchema } from "./gen/dealgate/v1/decision_service_pb.js";
import type { Answer, Question } from "./gen/dealgate/v1/decision_service_pb.js";
import type { VerifyFactsSchema } from "./gen/dealgate/v1/verify_pb.js";
import type { ScoreFactsSchema } from "./gen/dealgate/v1/score_pb.js";
import type { QualifyFactsSchema } from "./gen/dealgate/v1/qualify_pb.js";
import type { RouteFactsSchema } from "./gen/dealgate/v1/route_pb.js";
import type { ConvertFactsSchema } from "./gen/dealgate/v1/convert_pb.js";
import type { AdvanceFactsSchema } from "./gen/dealgate/v1/advance_pb.js";
import type { InspectFactsSchema } from "./gen/dealgate/v1/inspect_pb.js";
import type { ForecastFactsSchema } from "./gen/dealgate/v1/forecast_pb.js";
import type { AttributeFactsSchema } from "./gen/dealgate/v1/attribute_pb.js";
import type { CloseFactsSchema } from "./gen/dealgate/v1/close_pb.js";
import type { RecognizeFactsSchema } from "./gen/dealgate/v1/recognize_pb.js";
import type { QuotaFactsSchema } from "./gen/dealgate/v1/quota_pb.js";
import type { HandoffFactsSchema } from "./gen/dealgate/v1/handoff_pb.js";
import type { HealthFactsSchema } from "./gen/dealgate/v1/health_pb.js";
import type { Status } from "./gen/google/rpc/status_pb.js";
import { decisionOptions, isRepeatable } from "./calls.js";
import type { Choices } from "./calls.js";
import { refused } from "./errors.js";
import type { DealgateError } from "./errors.js";
import { properties } from "./values.js";

/** The facts of each kind, by its name. A field that is left out is unknown, which is not 0. */
export interface FactsByKind {
  verify: MessageInitShape<typeof VerifyFactsSchema>;
  score: MessageInitShape<typeof ScoreFactsSchema>;
  qualify: MessageInitShape<typeof QualifyFactsSchema>;
  route: MessageInitShape<typeof RouteFactsSchema>;
  convert: MessageInitShape<typeof ConvertFactsSchema>;
  advance: MessageInitShape<typeof AdvanceFactsSchema>;
  inspect: MessageInitShape<typeof InspectFactsSchema>;
  forecast: MessageInitShape<typeof ForecastFactsSchema>;
  attribute: MessageInitShape<typeof AttributeFactsSchema>;
  close: MessageInitShape<typeof CloseFactsSchema>;
  recognize: MessageInitShape<typeof RecognizeFactsSchema>;
  quota: MessageInitShape<typeof QuotaFactsSchema>;
  handoff: MessageInitShape<typeof HandoffFactsSchema>;
  health: MessageInitShape<typeof HealthFactsSchema>;
}

export type Kind = keyof FactsByKind;
type Answered = Exclude<Answer["answer"], { case: undefined }>;

/** The response of the kind's own call, or the error it would have failed with. */
export type Result = Answered | { case: "error"; value: DealgateError };

/**
 * The question that `facts` are about: `question("score", { lead: { id: "00Q1" } })`. Its key is
 * given here, so asking the same question again is safe.
 */
export function question<K extends Kind>(
  kind: K,
  facts: FactsByKind[K],
  choices: Choices = {},
): Question {
  const value = { facts, options: decisionOptions(choices) };
  return create(QuestionSchema, { question: { case: kind, value } } as MessageInitShape<
    typeof QuestionSchema
  >);
}

/** The question to a kind by its name: `declared("discount", { quote: { … } })`. */
export function declared(
  kind: string,
  facts: Readonly<Record<string, unknown>>,
  choices: Choices = {},
): Question {
  const sent: JsonObject = properties(facts);
  const value = { kind, facts: sent, options: decisionOptions(choices) };
  return create(QuestionSchema, { question: { case: "declared", value } });
}

/** Tell whether asking all of them twice decides each once. */
export function allRepeatable(questions: readonly Question[]): boolean {
  return questions.every(({ question: asked }) => !asked.case || isRepeatable(asked.value.options));
}

/** Return each answer, or the error in its place. */
export function results(answers: readonly Answer[]): Result[] {
  return answers.map(({ answer, error }) => {
    if (answer.case) return answer;
    if (!error) throw new TypeError("the server gave neither an answer nor an error");
    return refusal(error);
  });
}

/** Return what a status in the place of an answer means. */
export function refusal(status: Status): Result {
  return { case: "error", value: refused(status) };
}
