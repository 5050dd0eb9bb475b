using Muniment.Gateway.Access;

namespace Muniment.Gateway.Administration;

/// <summary>Records acts that change nothing a grain keeps (visits, tests, backups) as <c>admin</c> events, before they are answered. What a grain keeps, it records itself with the change.</summary>
public interface IAdminLog
{
    /// <summary>Appends one event and returns its seq. Credentials in <paramref name="before"/> and <paramref name="after"/> must already be <c>***</c> with a fingerprint.</summary>
    /// <param name="caller">Who changed it.</param>
    /// <param name="action"><c>resource.verb</c>, e.g. <c>destination.create</c>.</param>
    /// <param name="target">Name of the thing.</param>
    /// <param name="before">JSON before, or empty.</param>
    /// <param name="after">JSON after, or empty.</param>
    /// <param name="cancellationToken">The request's.</param>
    Task<long> RecordAsync(Caller caller, string action, string target, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken);
}
