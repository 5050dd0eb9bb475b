using System.Diagnostics;
using Muniment.Events.Administration;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Administration;

namespace Muniment.Gateway.Administration;

/// <summary>Says who does what, for the grain that changes it and records it.</summary>
internal static class Acts
{
    /// <summary>An act of this request.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="action"><c>resource.verb</c>.</param>
    /// <param name="target">Name of the thing.</param>
    /// <param name="time">Clock.</param>
    /// <param name="asked">What was asked for as JSON where before and after do not say it.</param>
    public static AdminAct Of(Caller caller, string action, string target, TimeProvider time, ReadOnlyMemory<byte> asked = default) => new(
        Guid.CreateVersion7(time.GetUtcNow()).ToString(), caller.Tenant, caller.KeyId, caller.User, caller.Role.Name(), action, target, Activity.Current?.TraceId.ToHexString(), Intake.Nanoseconds(time), asked);

    /// <summary>The same on the wire.</summary>
    public static ActMessage Message(Caller caller, string action, string target, TimeProvider time, ReadOnlyMemory<byte> asked = default) =>
        ActMessage.From(Of(caller, action, target, time, asked));
}
