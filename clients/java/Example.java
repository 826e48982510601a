import com.dealgate.v1.Answer;
import com.dealgate.v1.BatchDecideRequest;
import com.dealgate.v1.Company;
import com.dealgate.v1.DecisionServiceGrpc;
import com.dealgate.v1.Lead;
import com.dealgate.v1.LeadServiceGrpc;
import com.dealgate.v1.Question;
import com.dealgate.v1.ScoreFacts;
import com.dealgate.v1.ScoreLeadRequest;
import com.dealgate.v1.ScoreLeadResponse;
import com.dealgate.v1.Seniority;
import com.dealgate.v1.StreamDecideRequest;
import com.dealgate.v1.StreamDecideResponse;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks a server for decisions by gRPC: {@code java Example localhost:50051}. */
public final class Example {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("dealgate-tenant", Metadata.ASCII_STRING_MARSHALLER);

  /** How long a call may take. Every call has a deadline: without one it may wait forever. */
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

  public static void main(String[] arguments) throws Exception {
    String target = arguments.length > 0 ? arguments[0] : "localhost:50051";
    // In production: without usePlaintext().
    ManagedChannel channel = ManagedChannelBuilder.forTarget(target).usePlaintext().build();
    try {
      one(LeadServiceGrpc.newBlockingStub(channel));
      batch(DecisionServiceGrpc.newBlockingStub(channel));
      stream(DecisionServiceGrpc.newStub(channel));
      refused(LeadServiceGrpc.newBlockingStub(channel));
      late(LeadServiceGrpc.newBlockingStub(channel));
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /** The stub for one call: its deadline, and whose decisions these are. */
  private static <S extends AbstractStub<S>> S calling(S stub, long nanoseconds) {
    Metadata headers = new Metadata();
    headers.put(TENANT, "default");
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(nanoseconds, TimeUnit.NANOSECONDS);
  }

  /** Scores a lead, and prints which rules decided and what was not known. */
  private static void one(LeadServiceGrpc.LeadServiceBlockingStub leads) {
    ScoreLeadResponse answer = calling(leads, PATIENCE).scoreLead(question("00Q1", 420));
    System.out.println("one: " + answer.getOutcome().getGrade());
    answer.getHeader().getEvidence().getFiredList()
        .forEach(rule -> System.out.println(rule.getRuleId() + " - " + rule.getBecause()));
    System.out.println("not known: " + String.join(", ", answer.getHeader().getMissingFactsList()));
  }

  /** Asks two questions in one call: each has its own answer, or its own error. */
  private static void batch(DecisionServiceGrpc.DecisionServiceBlockingStub decisions) {
    BatchDecideRequest asked = BatchDecideRequest.newBuilder()
        .addQuestions(scoring("00Q2", 42)).addQuestions(scoring("00Q3", -1)).build();
    for (Answer answer : calling(decisions, PATIENCE).batchDecide(asked).getAnswersList()) {
      if (answer.hasError()) {
        Status.Code code = Status.fromCodeValue(answer.getError().getCode()).getCode();
        System.out.println("batch: " + code + " " + answer.getError().getMessage());
      } else {
        System.out.println("batch: " + answer.getScore().getOutcome().getGrade());
      }
    }
  }

  /** Asks batch after batch, and reads answers while it sends. */
  private static void stream(DecisionServiceGrpc.DecisionServiceStub decisions) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    StreamObserver<StreamDecideRequest> batches =
        calling(decisions, PATIENCE).streamDecide(new StreamObserver<StreamDecideResponse>() {
          @Override
          public void onNext(StreamDecideResponse answers) {
            System.out.println(
                "stream: " + answers.getBatchId() + " " + answers.getAnswersCount() + " answers");
          }

          @Override
          public void onError(Throwable why) {
            done.completeExceptionally(why);
          }

          @Override
          public void onCompleted() {
            done.complete(null);
          }
        });
    for (String id : List.of("first", "second")) {
      batches.onNext(StreamDecideRequest.newBuilder().setBatchId(id)
          .addQuestions(scoring("00Q4", 420)).addQuestions(scoring("00Q5", 42)).build());
    }
    batches.onCompleted();
    done.get();
  }

  /** Sends a question that is not valid, and prints which field is wrong. */
  private static void refused(LeadServiceGrpc.LeadServiceBlockingStub leads) throws Exception {
    StatusRuntimeException why = failing(leads, -1, PATIENCE, Status.Code.INVALID_ARGUMENT);
    for (com.google.protobuf.Any detail : StatusProto.fromThrowable(why).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        System.out.println("refused: " + detail.unpack(ErrorInfo.class).getReason());
      } else if (detail.is(BadRequest.class)) {
        detail.unpack(BadRequest.class).getFieldViolationsList().forEach(
            wrong -> System.out.println("refused: " + wrong.getField() + " " + wrong.getDescription()));
      }
    }
  }

  /** Asks with a deadline that cannot be met. */
  private static void late(LeadServiceGrpc.LeadServiceBlockingStub leads) {
    failing(leads, 420, 1, Status.Code.DEADLINE_EXCEEDED);
    System.out.println("late: with the same key, a repeat gets the decision");
  }

  private static StatusRuntimeException failing(
      LeadServiceGrpc.LeadServiceBlockingStub leads, int employees, long within, Status.Code code) {
    try {
      calling(leads, within).scoreLead(question("00Q1", employees));
    } catch (StatusRuntimeException why) {
      if (why.getStatus().getCode() == code) return why;
      throw why;
    }
    throw new IllegalStateException("this should have failed with " + code);
  }

  private static Question scoring(String id, int employees) {
    return Question.newBuilder().setScore(question(id, employees)).build();
  }

  /** Asks for the score of a lead. Facts that are not set are not known. */
  private static ScoreLeadRequest question(String id, int employees) {
    Company company = Company.newBuilder().setEmployees(employees).build();
    Lead lead = Lead.newBuilder()
        .setId(id).setSeniority(Seniority.SENIORITY_VP).setCompany(company).build();
    ScoreLeadRequest.Builder asked =
        ScoreLeadRequest.newBuilder().setFacts(ScoreFacts.newBuilder().setLead(lead));
    // A repeat with the same key gets the first answer, so that retries are safe.
    asked.getOptionsBuilder().setIdempotencyKey(UUID.randomUUID().toString());
    return asked.build();
  }
}
