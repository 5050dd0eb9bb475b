using System.Text.Json;
using System.Text.Json.Serialization;
using Muniment.Events.Administration;

namespace Muniment.Delivery.Machine;

/// <summary>
/// Everything about a destination that must survive: what is planned, how far it is, why it waits. One JSON document, written whole under the fence of the activation.
/// Mutable; owned by <see cref="DestinationMachine"/>. Members are only ever added.
/// </summary>
public sealed class DestinationState
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Removed by an administrator; the row goes when that is recorded.</summary>
    public bool Deleted { get; set; }

    /// <summary>Its own since it was made: tells it from an earlier one with the same id. Null in rows older than this member.</summary>
    public string? Incarnation { get; set; }

    /// <summary>Admin events of changes that may not stand in the journal yet.</summary>
    public List<OutboxEntry> Outbox { get; set; } = [];

    /// <summary>Changes when what is selected changes.</summary>
    public long Epoch { get; set; }
    /// <summary>Number of the next event that is planned in this epoch.</summary>
    public long NextN { get; set; }
    /// <summary>Number of the next plan.</summary>
    public long NextPlan { get; set; }
    /// <summary>Number of the next lane.</summary>
    public int NextLane { get; set; }
    /// <summary>Receipts written so far.</summary>
    public long Receipts { get; set; }
    /// <summary>Hash of the last receipt; the next one names it.</summary>
    public string? LastReceipt { get; set; }
    /// <summary>Ranges that are being worked through.</summary>
    public List<LaneState> Lanes { get; set; } = [];
    /// <summary>Plans written down and not settled, oldest first.</summary>
    public List<PlanState> Plans { get; set; } = [];
    /// <summary>Configurations, without secrets, that open plans were made under.</summary>
    public Dictionary<int, JsonElement> Shapes { get; set; } = [];
    /// <summary>Dead letters that wait to be sent again.</summary>
    public List<ReplayState> Replays { get; set; } = [];
    /// <summary>An administrator paused it.</summary>
    public bool Paused { get; set; }
    /// <summary>Why it does not run, or did not at the last attempt.</summary>
    public ReasonState? Reason { get; set; }
    /// <summary>Failures in a row.</summary>
    public int Failures { get; set; }
    /// <summary>Events refused in a row, each by itself, with nothing taken between; below 0 after an administrator let some pass.</summary>
    public long Refusals { get; set; }
    /// <summary>The circuit.</summary>
    public CircuitState Circuit { get; set; } = new();
    /// <summary>Requests at once that the destination was seen to bear, under <c>relaxed</c>; 0 before anything was learned.</summary>
    public double Concurrency { get; set; }
    /// <summary>No attempt before this time.</summary>
    public DateTimeOffset? NextAttempt { get; set; }
    /// <summary>When something was last taken.</summary>
    public DateTimeOffset? LastSuccess { get; set; }
    /// <summary>Events taken.</summary>
    public long Delivered { get; set; }
    /// <summary>Dead letters that lie there.</summary>
    public long DeadLetters { get; set; }
    /// <summary>Requests by outcome, in the order of <see cref="Outcomes.OutcomeKind"/>.</summary>
    public long[] Outcomes { get; set; } = new long[7];
    /// <summary>Events that retention took before they were delivered.</summary>
    public long Expired { get; set; }
    /// <summary>How many of them a <c>system</c> event in the log speaks of.</summary>
    public long ExpiredSaid { get; set; }
    /// <summary>Since when it holds as the log says; null when the log says that it does not.</summary>
    public DateTimeOffset? HoldSaid { get; set; }
    /// <summary>What is undelivered before this seq is left out.</summary>
    public long ExpireBefore { get; set; }

    /// <summary>Whether a stored form is of a destination that is being removed.</summary>
    public static bool IsDeleted(ReadOnlySpan<byte> json) => json.IndexOf("\"deleted\":true"u8) >= 0 && Read(json).Deleted;

    /// <summary>Reads the stored form.</summary>
    public static DestinationState Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<DestinationState>(json, Options) ?? new DestinationState();

    /// <summary>The stored form.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, Options);
}

/// <summary>A range of the log that is worked through in order.</summary>
public sealed class LaneState
{
    /// <summary>Name in receipts; never used twice.</summary>
    public string Name { get; set; } = "";
    /// <summary>First seq.</summary>
    public long From { get; set; }
    /// <summary>One past the last seq, or null for all that comes.</summary>
    public long? To { get; set; }
    /// <summary>First seq that is in no plan and no receipt.</summary>
    public long Next { get; set; }
    /// <summary>Which of its events.</summary>
    public Batches.LaneFilter Filter { get; set; }
}

/// <summary>A batch that was decided. Building it again from these fields gives the same bytes.</summary>
public sealed class PlanState
{
    /// <summary>Its number.</summary>
    public long Id { get; set; }
    /// <summary>Its lane.</summary>
    public string Lane { get; set; } = "";
    /// <summary>First seq that its receipt covers.</summary>
    public long First { get; set; }
    /// <summary>Last seq that its receipt covers.</summary>
    public long Last { get; set; }
    /// <summary>Where building begins; everything from <see cref="First"/> to here was looked at and left out.</summary>
    public long BuildFrom { get; set; }
    /// <summary>Epoch of its numbers.</summary>
    public long Epoch { get; set; }
    /// <summary>Number of its first event.</summary>
    public long FirstN { get; set; }
    /// <summary>Events in it.</summary>
    public int Events { get; set; }
    /// <summary>Bytes of its rendered events.</summary>
    public long Bytes { get; set; }
    /// <summary>Left out in its range.</summary>
    public Batches.LeftOut LeftOut { get; set; }
    /// <summary>Which of its lane's events.</summary>
    public Batches.LaneFilter Filter { get; set; }
    /// <summary>What was selected before this seq was left out when it was made.</summary>
    public long ExpireBefore { get; set; }
    /// <summary>Events of it that were given up before they were taken; they keep their numbers.</summary>
    public int Gone { get; set; }
    /// <summary>Seqs of events that are sent cut because they were too large alone.</summary>
    public List<long> Cut { get; set; } = [];
    /// <summary>What was redacted in it, by configured name; null where nothing is redacted.</summary>
    public Dictionary<string, long>? Redacted { get; set; }
    /// <summary>SHA-256 of its rendered bytes, hex.</summary>
    public string Digest { get; set; } = "";
    /// <summary>Configuration that chose its events.</summary>
    public int SelectionVersion { get; set; }
    /// <summary>Configuration that shaped its bytes.</summary>
    public int ShapeVersion { get; set; }
    /// <summary>Requests made for it.</summary>
    public int Attempts { get; set; }
    /// <summary>When it was decided.</summary>
    public DateTimeOffset Started { get; set; }
    /// <summary>What is still to be sent, in order.</summary>
    public List<UnitState> Units { get; set; } = [];
    /// <summary>Events of it that became dead letters.</summary>
    public int Dead { get; set; }
    /// <summary>What the destination said last.</summary>
    public string Response { get; set; } = "";
    /// <summary>For a replay: which events, with the numbers that they had.</summary>
    public List<ReplayState>? Replay { get; set; }
    /// <summary>For a replay: which of them were refused again.</summary>
    public List<long> Buried { get; set; } = [];
}

/// <summary>Part of a plan that goes into one request: the items of one group in <c>[From, To)</c>.</summary>
public sealed class UnitState
{
    /// <summary>Group.</summary>
    public byte Group { get; set; }
    /// <summary>First position.</summary>
    public int From { get; set; }
    /// <summary>One past the last position.</summary>
    public int To { get; set; }
}

/// <summary>A dead letter to send again.</summary>
public sealed class ReplayState
{
    /// <summary>Which event.</summary>
    public long Seq { get; set; }
    /// <summary>Epoch in which it was planned.</summary>
    public long Epoch { get; set; }
    /// <summary>Number that it had.</summary>
    public long N { get; set; }
}

/// <summary>Why a destination does not run.</summary>
public sealed class ReasonState
{
    /// <summary>One of <see cref="Outcomes.ReasonCode"/>.</summary>
    public string Code { get; set; } = "";
    /// <summary>What happened.</summary>
    public string Message { get; set; } = "";
    /// <summary>What to do.</summary>
    public string? Hint { get; set; }
    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; set; }
    /// <summary>Everything is kept and only asked for gently until an administrator changes something.</summary>
    public bool Holds { get; set; }
    /// <summary>It holds because everything was refused, not because the destination said so.</summary>
    public bool RefusesAll { get; set; }
}
