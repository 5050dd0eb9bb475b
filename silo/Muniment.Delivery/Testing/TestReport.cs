using System.Collections.Immutable;

namespace Muniment.Delivery.Testing;

/// <summary>A connection test: its steps up to the first that failed, and how to find the test event at the destination.</summary>
public sealed record TestReport(bool Ok, ImmutableArray<TestStep> Steps, string EventId, string Correlation);
