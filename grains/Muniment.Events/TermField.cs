namespace Muniment.Events;

/// <summary>Fields that the term index knows. The numbers are hashed into stored index pages and never change.</summary>
public enum TermField : byte
{
    /// <summary><c>trace.correlation</c></summary>
    Correlation = 1,
    /// <summary><c>trace.trace_id</c>, 32 lower-case hex digits.</summary>
    Trace = 2,
    /// <summary><c>trace.session</c></summary>
    Session = 3,
    /// <summary><c>actor.id</c></summary>
    Actor = 4,
    /// <summary><c>actor.user</c></summary>
    User = 5,
    /// <summary><c>agent.kind</c></summary>
    Agent = 6,
    /// <summary><c>action</c></summary>
    Action = 7,
    /// <summary><c>result</c></summary>
    Result = 8,
    /// <summary><c>policy.id</c></summary>
    Policy = 9,
    /// <summary><c>policy.version</c>, decimal.</summary>
    PolicyVersion = 10,
    /// <summary><c>target</c></summary>
    Target = 11,
    /// <summary><c>model.requested</c> and <c>model.served</c></summary>
    Model = 12,
    /// <summary><c>tool.name</c></summary>
    Tool = 13,
    /// <summary><c>stream</c></summary>
    Stream = 14,
    /// <summary><c>signal</c></summary>
    Signal = 15,
    /// <summary><c>risk</c></summary>
    Risk = 16,
    /// <summary><c>resource.project</c></summary>
    Project = 17,
    /// <summary><c>source.key</c></summary>
    Key = 18,
    /// <summary><c>client.address</c> and <c>source.address</c></summary>
    Address = 19,
    /// <summary><c>decision.id</c></summary>
    Decision = 20,
    /// <summary>The sender's own <c>id</c> (ids of ours are computed from seq and need no index).</summary>
    Id = 21,
    /// <summary><c>resource.ticket</c>, <c>resource.incident</c>, <c>resource.repo</c></summary>
    Work = 22,
}
