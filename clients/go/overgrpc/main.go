// Asks a server for decisions by gRPC, with generated stubs: out/overgrpc localhost:50051
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "example.com/dealgate/gen/dealgate/v1"
)

// patience is how long a call may take. Every call has a deadline: without one it may wait forever.
const patience = 20 * time.Second

func main() {
	target := "localhost:50051"
	if len(os.Args) > 1 {
		target = os.Args[1]
	}
	// In production: grpc.WithTransportCredentials(credentials.NewTLS(…)).
	channel, err := grpc.Dial(target, grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer channel.Close()
	leads, decisions := pb.NewLeadServiceClient(channel), pb.NewDecisionServiceClient(channel)
	for _, show := range []func() error{
		func() error { return one(leads) },
		func() error { return batch(decisions) },
		func() error { return stream(decisions) },
		func() error { return refused(leads) },
		func() error { return late(leads) },
	} {
		if err := show(); err != nil {
			log.Fatal(err)
		}
	}
}

// calling returns a context for one call: its deadline, and whose decisions these are.
func calling(within time.Duration) (context.Context, context.CancelFunc) {
	ctx := metadata.AppendToOutgoingContext(context.Background(), "dealgate-tenant", "default")
	return context.WithTimeout(ctx, within)
}

// one scores a lead, and prints which rules decided and what was not known.
func one(leads pb.LeadServiceClient) error {
	ctx, cancel := calling(patience)
	defer cancel()
	answer, err := leads.ScoreLead(ctx, question("00Q1", 420))
	if err != nil {
		return err
	}
	fmt.Println("one:", answer.GetOutcome().GetGrade())
	for _, rule := range answer.GetHeader().GetEvidence().GetFired() {
		fmt.Println(rule.GetRuleId(), "-", rule.GetBecause())
	}
	fmt.Println("not known:", strings.Join(answer.GetHeader().GetMissingFacts(), ", "))
	return nil
}

// batch asks two questions in one call: each has its own answer, or its own error.
func batch(decisions pb.DecisionServiceClient) error {
	ctx, cancel := calling(patience)
	defer cancel()
	asked := []*pb.Question{scoring("00Q2", 42), scoring("00Q3", -1)}
	answers, err := decisions.BatchDecide(ctx, &pb.BatchDecideRequest{Questions: asked})
	if err != nil {
		return err
	}
	for _, answer := range answers.GetAnswers() {
		if wrong := answer.GetError(); wrong != nil {
			fmt.Println("batch:", status.FromProto(wrong).Code(), wrong.GetMessage())
			continue
		}
		fmt.Println("batch:", answer.GetScore().GetOutcome().GetGrade())
	}
	return nil
}

// stream asks batch after batch, and reads answers while it sends.
func stream(decisions pb.DecisionServiceClient) error {
	ctx, cancel := calling(patience)
	defer cancel()
	batches, err := decisions.StreamDecide(ctx)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		for _, id := range []string{"first", "second"} {
			asked := []*pb.Question{scoring("00Q4", 420), scoring("00Q5", 42)}
			request := &pb.StreamDecideRequest{BatchId: id, Questions: asked}
			if err := batches.Send(request); err != nil {
				sent <- err // io.EOF: what Recv returns says why
				return
			}
		}
		sent <- batches.CloseSend()
	}()
	for {
		answers, err := batches.Recv()
		if errors.Is(err, io.EOF) {
			return <-sent
		}
		if err != nil {
			return err
		}
		fmt.Println("stream:", answers.GetBatchId(), len(answers.GetAnswers()), "answers")
	}
}

// refused sends a question that is not valid, and prints which field is wrong.
func refused(leads pb.LeadServiceClient) error {
	ctx, cancel := calling(patience)
	defer cancel()
	_, err := leads.ScoreLead(ctx, question("00Q1", -1))
	if status.Code(err) != codes.InvalidArgument {
		return fmt.Errorf("this should have been refused: %v", err)
	}
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Println("refused:", detail.GetReason())
		case *errdetails.BadRequest:
			for _, wrong := range detail.GetFieldViolations() {
				fmt.Println("refused:", wrong.GetField(), wrong.GetDescription())
			}
		}
	}
	return nil
}

// late asks with a deadline that cannot be met.
func late(leads pb.LeadServiceClient) error {
	ctx, cancel := calling(time.Nanosecond)
	defer cancel()
	_, err := leads.ScoreLead(ctx, question("00Q1", 420))
	if status.Code(err) != codes.DeadlineExceeded {
		return fmt.Errorf("this should have been late: %v", err)
	}
	fmt.Println("late: with the same key, a repeat gets the decision")
	return nil
}

func scoring(id string, employees int32) *pb.Question {
	return &pb.Question{Question: &pb.Question_Score{Score: question(id, employees)}}
}

// question asks for the score of a lead. Facts that are not set are not known.
func question(id string, employees int32) *pb.ScoreLeadRequest {
	lead := &pb.Lead{
		Id:        proto.String(id),
		Seniority: pb.Seniority_SENIORITY_VP.Enum(),
		Company:   &pb.Company{Employees: proto.Int32(employees)},
	}
	return &pb.ScoreLeadRequest{
		Facts: &pb.ScoreFacts{Lead: lead},
		// A repeat with the same key gets the first answer, so that retries are safe.
		Options: &pb.DecisionOptions{IdempotencyKey: proto.String(key())},
	}
}

func key() string {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%x", random)
}
