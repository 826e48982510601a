import { ActivityType, Dealgate, InvalidQuestion, Seniority, instant } from "./src/index.js";
import { grpc } from "./src/node.js";

const client = new Dealgate(grpc(process.env["DEALGATE_TARGET"] ?? "http://localhost:50051"));
const yesterday = new Date(Date.now() - 86_400_000);
try {
  const answer = await client.scoreLead({
    lead: { id: "00Q1", seniority: Seniority.VP, company: { employees: 420 } },
    activities: [{ id: "a1", type: ActivityType.DEMO_REQUEST, at: instant(yesterday) }],
  });
  console.log(answer.outcome?.grade, answer.outcome?.composite);
  for (const rule of answer.header?.evidence?.fired ?? []) console.log(rule.ruleId, "-", rule.because);
  console.log("not known:", answer.header?.missingFacts.join(", "));
} catch (error) {
  if (!(error instanceof InvalidQuestion)) throw error;
  for (const { field, description } of error.violations) console.log(field, description);
}
