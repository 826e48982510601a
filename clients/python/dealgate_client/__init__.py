"""The Python client of Dealgate, sync and asyncio."""

from google.protobuf.duration_pb2 import Duration as Duration
from google.protobuf.timestamp_pb2 import Timestamp as Timestamp
from google.type.date_pb2 import Date as Date
from google.type.money_pb2 import Money as Money

from dealgate_client.aio import AsyncClient as AsyncClient
from dealgate_client.blocking import Client as Client
from dealgate_client.connect import Tls as Tls
from dealgate_client.errors import (
    ClientClosed as ClientClosed,
    DeadlineExceeded as DeadlineExceeded,
    DealgateError as DealgateError,
    DecisionNotFound as DecisionNotFound,
    Denied as Denied,
    InvalidQuestion as InvalidQuestion,
    KeyReused as KeyReused,
    NotFound as NotFound,
    Overloaded as Overloaded,
    PreconditionFailed as PreconditionFailed,
    RuleSetNotFound as RuleSetNotFound,
    ServerFault as ServerFault,
    TooLarge as TooLarge,
    Unavailable as Unavailable,
    Unsupported as Unsupported,
    Violation as Violation,
)
from dealgate_client.keys import new_key as new_key
from dealgate_client.questions import Response as Response, Result as Result, question as question
from dealgate_client.retry import Retry as Retry
from dealgate_client.v1.activity_pb2 import Activity as Activity, ActivityType as ActivityType
from dealgate_client.v1.advance_pb2 import (
    Actor as Actor,
    AdvanceDecision as AdvanceDecision,
    AdvanceFacts as AdvanceFacts,
    AdvanceOutcome as AdvanceOutcome,
    AdvanceReason as AdvanceReason,
    AdvanceStageResponse as AdvanceStageResponse,
    Approval as Approval,
    Closure as Closure,
    ExitChecklist as ExitChecklist,
    LossReason as LossReason,
    MissingItem as MissingItem,
    ReasonSeverity as ReasonSeverity,
    RequiredApproval as RequiredApproval,
    SalesRole as SalesRole,
    StageMove as StageMove,
)
from dealgate_client.v1.attribute_pb2 import (
    Adjustment as Adjustment,
    AdjustmentType as AdjustmentType,
    AttributedModel as AttributedModel,
    AttributeFacts as AttributeFacts,
    AttributeOutcome as AttributeOutcome,
    AttributeRevenueResponse as AttributeRevenueResponse,
    AttributionModel as AttributionModel,
    AttributionStatus as AttributionStatus,
    CreditTotal as CreditTotal,
    CurrencyConversion as CurrencyConversion,
    DroppedTouch as DroppedTouch,
    FittedModel as FittedModel,
    FittedWeight as FittedWeight,
    JourneyPath as JourneyPath,
    JourneyWorth as JourneyWorth,
    Milestones as Milestones,
    ModelChoice as ModelChoice,
    PathTransform as PathTransform,
    PathTransformType as PathTransformType,
    PositionWeights as PositionWeights,
    Reconciliation as Reconciliation,
    RoundingMethod as RoundingMethod,
    Touch as Touch,
    TouchCredit as TouchCredit,
    TouchType as TouchType,
)
from dealgate_client.v1.decision_pb2 import (
    ConditionExplanation as ConditionExplanation,
    DecisionHeader as DecisionHeader,
    Evidence as Evidence,
    FailedRule as FailedRule,
    FiredRow as FiredRow,
    FiredRule as FiredRule,
    Operand as Operand,
    RuleExplanation as RuleExplanation,
    Truth as Truth,
    UndecidedRule as UndecidedRule,
)
from dealgate_client.v1.decision_service_pb2 import (
    Answer as Answer,
    Question as Question,
    RecordedDecision as RecordedDecision,
    RecordedDecisionSummary as RecordedDecisionSummary,
)
from dealgate_client.v1.explanation_pb2 import (
    ExplainDecisionResponse as ExplainDecisionResponse,
    FactChange as FactChange,
    Flip as Flip,
    MissingFact as MissingFact,
    RuleChange as RuleChange,
)
from dealgate_client.v1.forecast_pb2 import (
    AgeAwareForecast as AgeAwareForecast,
    CategoryRollup as CategoryRollup,
    ForecastDeal as ForecastDeal,
    ForecastFacts as ForecastFacts,
    ForecastInterval as ForecastInterval,
    ForecastLine as ForecastLine,
    ForecastMethod as ForecastMethod,
    ForecastOutcome as ForecastOutcome,
    ForecastPipelineResponse as ForecastPipelineResponse,
    ForecastRate as ForecastRate,
    ForecastVerdict as ForecastVerdict,
    ForecastWarning as ForecastWarning,
    PastDeal as PastDeal,
    StageRate as StageRate,
    SubmittedForecast as SubmittedForecast,
)
from dealgate_client.v1.lead_pb2 import (
    Company as Company,
    Disposition as Disposition,
    EmailDomainType as EmailDomainType,
    Industry as Industry,
    JobFunction as JobFunction,
    Lead as Lead,
    LeadHistory as LeadHistory,
    LeadSource as LeadSource,
    LeadStatus as LeadStatus,
    Relationship as Relationship,
    Seniority as Seniority,
    Verification as Verification,
    VerificationStatus as VerificationStatus,
)
from dealgate_client.v1.opportunity_pb2 import (
    ContactRole as ContactRole,
    ForecastCategory as ForecastCategory,
    MarketSegment as MarketSegment,
    Opportunity as Opportunity,
    OpportunityContact as OpportunityContact,
    OpportunityMeddppicc as OpportunityMeddppicc,
    OpportunityType as OpportunityType,
    StageChange as StageChange,
)
from dealgate_client.v1.qualify_pb2 import (
    AuthorityLevel as AuthorityLevel,
    Bant as Bant,
    BantAuthority as BantAuthority,
    BantBudget as BantBudget,
    BantElement as BantElement,
    BantNeed as BantNeed,
    BantResult as BantResult,
    BantTimeline as BantTimeline,
    BudgetStatus as BudgetStatus,
    Confirmation as Confirmation,
    HoldReason as HoldReason,
    LeadScores as LeadScores,
    MeddpiccElement as MeddpiccElement,
    MeddpiccResult as MeddpiccResult,
    MeddpiccScores as MeddpiccScores,
    NeedLevel as NeedLevel,
    NextAction as NextAction,
    QualifyFacts as QualifyFacts,
    QualifyLeadResponse as QualifyLeadResponse,
    QualifyOutcome as QualifyOutcome,
    SlaDeadline as SlaDeadline,
    SlaMilestone as SlaMilestone,
)
from dealgate_client.v1.rule_service_pb2 import (
    GetRuleSetResponse as GetRuleSetResponse,
    RuleSetRelease as RuleSetRelease,
    RuleSetSummary as RuleSetSummary,
    RuleText as RuleText,
)
from dealgate_client.v1.score_pb2 import (
    ActivityCategory as ActivityCategory,
    Contribution as Contribution,
    FitLetter as FitLetter,
    Priority as Priority,
    ScoreAxis as ScoreAxis,
    ScoreFacts as ScoreFacts,
    ScoreLeadResponse as ScoreLeadResponse,
    ScoreOutcome as ScoreOutcome,
)
from dealgate_client.values import (
    amount as amount,
    date as date,
    decimal as decimal,
    instant as instant,
    money as money,
    timestamp as timestamp,
)

__version__ = "0.1.0"
