using Microsoft.AspNetCore.Http;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Administration;

/// <summary>What a refused change means over HTTP.</summary>
internal static class Changes
{
    /// <summary>The answer to a change that was refused; null when it was made or was in force already.</summary>
    public static IResult? Refuse(TenantChange change) => change.Status switch
    {
        TenantChangeStatus.Done or TenantChangeStatus.Unchanged => null,
        TenantChangeStatus.NotFound => Problem.NotFound($"there is no {change.Detail}"),
        TenantChangeStatus.Locked => Problem.Status(StatusCodes.Status409Conflict, "Locked", $"{change.Detail}: locked by a higher level"),
        TenantChangeStatus.Unrecorded => Problem.Status(StatusCodes.Status503ServiceUnavailable, "Unavailable", change.Detail ?? ""),
        TenantChangeStatus.LimitReached => Problem.Status(StatusCodes.Status409Conflict, "Limit reached", $"no more than {change.Detail}"),
        _ => Problem.Status(StatusCodes.Status409Conflict, "Conflict", change.Detail ?? ""),
    };
}
