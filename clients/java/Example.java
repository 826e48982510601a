import com.dealgate.v1.Company;
import com.dealgate.v1.Lead;
import com.dealgate.v1.LeadServiceGrpc;
import com.dealgate.v1.ScoreFacts;
import com.dealgate.v1.ScoreLeadRequest;
import com.dealgate.v1.ScoreLeadResponse;
import com.dealgate.v1.Seniority;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** Asks a server to score a lead: {@code java Example localhost:50051}. */
public final class Example {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("dealgate-tenant", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  public static void main(String[] arguments) throws Exception {
    String target = arguments.length > 0 ? arguments[0] : "localhost:50051";
    ManagedChannel channel = ManagedChannelBuilder.forTarget(target).usePlaintext().build();
    Metadata headers = new Metadata();
    headers.put(TENANT, "default");
    LeadServiceGrpc.LeadServiceBlockingStub leads =
        MetadataUtils.attachHeaders(LeadServiceGrpc.newBlockingStub(channel), headers)
            .withDeadlineAfter(20, TimeUnit.SECONDS);
    try {
      ScoreLeadResponse answer = leads.scoreLead(question(420));
      System.out.println(answer.getOutcome().getGrade() + " " + answer.getHeader().getDecisionId());
      answer.getHeader().getEvidence().getFiredList()
          .forEach(rule -> System.out.println(rule.getRuleId() + " - " + rule.getBecause()));
      System.out.println("not known: " + answer.getHeader().getMissingFactsList());
      leads.scoreLead(question(-1));
    } catch (StatusRuntimeException refused) {
      System.out.println(refused.getStatus().getCode());
      explain(refused);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static ScoreLeadRequest question(int employees) {
    Company company = Company.newBuilder().setEmployees(employees).build();
    Lead lead = Lead.newBuilder()
        .setId("00Q1").setSeniority(Seniority.SENIORITY_VP).setCompany(company).build();
    ScoreLeadRequest.Builder asked =
        ScoreLeadRequest.newBuilder().setFacts(ScoreFacts.newBuilder().setLead(lead));
    // A repeat with the same key gets the first answer, so that retries are safe.
    asked.getOptionsBuilder().setIdempotencyKey(UUID.randomUUID().toString());
    return asked.build();
  }

  private static void explain(StatusRuntimeException refused) throws Exception {
    Metadata trailers = refused.getTrailers();
    byte[] packed = trailers == null ? null : trailers.get(DETAILS);
    if (packed == null) return;
    for (com.google.protobuf.Any detail : Status.parseFrom(packed).getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        detail.unpack(BadRequest.class).getFieldViolationsList()
            .forEach(wrong -> System.out.println(wrong.getField() + " " + wrong.getDescription()));
      }
    }
  }
}
