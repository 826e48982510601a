// Asks a server to score a lead, by JSON through the front: go run ./overhttp http://127.0.0.1:8080
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

// Score is what this example reads of an answer.
type Score struct {
	Header struct {
		DecisionID   string   `json:"decisionId"`
		MissingFacts []string `json:"missingFacts"`
	} `json:"header"`
	Outcome struct {
		Grade string `json:"grade"`
	} `json:"outcome"`
}

// Status is google.rpc.Status: why a call failed.
type Status struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Details []struct {
		Type            string `json:"@type"`
		Reason          string `json:"reason"`
		FieldViolations []struct {
			Field       string `json:"field"`
			Description string `json:"description"`
		} `json:"fieldViolations"`
	} `json:"details"`
}

func (status *Status) Error() string { return status.Message }

func main() {
	front := "http://127.0.0.1:8080"
	if len(os.Args) > 1 {
		front = os.Args[1]
	}
	score, err := scoreLead(front, 420)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(score.Outcome.Grade, score.Header.DecisionID)
	fmt.Println("not known:", strings.Join(score.Header.MissingFacts, ", "))
	_, err = scoreLead(front, -1)
	status, refused := err.(*Status)
	if !refused {
		log.Fatal(err)
	}
	for _, detail := range status.Details {
		for _, violation := range detail.FieldViolations {
			fmt.Println(violation.Field, violation.Description)
		}
	}
}

func scoreLead(front string, employees int) (*Score, error) {
	company := map[string]any{"employees": employees}
	lead := map[string]any{"id": "00Q1", "seniority": "SENIORITY_VP", "company": company}
	asked := map[string]any{"facts": map[string]any{"lead": lead}}
	answer := new(Score)
	return answer, post(front+"/v1/leads:score", asked, answer)
}

func post(url string, asked, answer any) error {
	body, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("content-type", "application/json")
	request.Header.Set("dealgate-tenant", "default")
	request.Header.Set("grpc-timeout", "20S")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return json.NewDecoder(response.Body).Decode(answer)
	}
	status := new(Status)
	if err := json.NewDecoder(response.Body).Decode(status); err != nil {
		return fmt.Errorf("%s: %w", response.Status, err)
	}
	return status
}
