using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Upstreams;
using Muniment.Messages.Tenants;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Policies;

/// <summary><c>/api/v1/policies</c>: publishing, versions, going back.</summary>
internal sealed class PolicyRoutes(IDecidingStore store, DecidingCache cache, TimeProvider time)
{
    private const string NameExpected = "1 to 63 of A-Z a-z 0-9 . - _ beginning with a letter or digit";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/policies", (Delegate)ListAsync).Requires(Permission.ReadConfiguration).Takes(ListQuery.Parameters);
        routes.MapGet("/api/v1/policies/{name}", (HttpContext context, string name) => GetAsync(context, name, "0")).Requires(Permission.ReadConfiguration);
        routes.MapPut("/api/v1/policies/{name}", (Delegate)PutAsync).Requires(Permission.WriteConfiguration);
        routes.MapGet("/api/v1/policies/{name}/versions", (Delegate)VersionsAsync).Requires(Permission.ReadConfiguration).Takes(ListQuery.Parameters);
        routes.MapGet("/api/v1/policies/{name}/versions/{version}", (Delegate)GetAsync).Requires(Permission.ReadConfiguration);
        routes.MapPost("/api/v1/policies/{name}/rollback", (Delegate)RollbackAsync).Requires(Permission.WriteConfiguration);
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        DecidingMessage snapshot = await store.DecidingAsync(context.Caller().Tenant, -1);
        (IReadOnlyList<PolicyMessage> items, string? next) = query.Page(snapshot.Policies.OrderBy(policy => policy.Name, StringComparer.Ordinal), policy => policy.Name);
        return JsonAnswer.List(items, next, Head);
    }

    private async Task<IResult> GetAsync(HttpContext context, string name, string version)
    {
        return long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && await store.FindPolicyAsync(context.Caller().Tenant, name, number) is { } policy
            ? JsonAnswer.Ok(json =>
            {
                Head(json, policy);
                json.WritePropertyName("document"u8);
                json.WriteRawValue(policy.Content);
                json.WriteString("source"u8, policy.Source);
            })
            : Problem.NotFound(version == "0" ? "there is no such policy" : "there is no such version");
    }

    private async Task<IResult> VersionsAsync(HttpContext context, string name)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        long below = long.MaxValue;
        if (query.Cursor is not null && !long.TryParse(query.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out below))
        {
            return Problem.BadField("cursor", "what an earlier page gave as next");
        }

        ImmutableArray<PolicyMessage> versions = await store.ListPolicyVersionsAsync(context.Caller().Tenant, name, below, query.Limit + 1);
        if (versions.IsEmpty && query.Cursor is null)
        {
            return Problem.NotFound("there is no such policy");
        }

        string? next = versions.Length > query.Limit ? versions[query.Limit - 1].Version.ToString(CultureInfo.InvariantCulture) : null;
        return JsonAnswer.List([.. versions.Take(query.Limit)], next, Head);
    }

    private async Task<IResult> PutAsync(HttpContext context, string name)
    {
        if (!UpstreamRoutes.IsName(name))
        {
            return Problem.BadField("name", NameExpected);
        }

        (string? text, IResult? fault) = await PolicyBody.ReadAsync(context);
        if (text is null)
        {
            return fault!;
        }

        ParsedPolicy parsed = PolicyParser.Parse(text, PolicyCheck.Options);
        if (!parsed.IsOk)
        {
            return new PolicyProblem(parsed.Errors);
        }

        Caller caller = context.Caller();
        return await AnswerAsync(caller, name, await store.PutPolicyAsync(caller.Tenant, name, text, Acts.Message(caller, "policy.update", name, time)));
    }

    private async Task<IResult> RollbackAsync(HttpContext context, string name)
    {
        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            long version = body.Count("version", 0);
            if (version == 0)
            {
                body.Fail("version", "the number of the version to go back to", 0);
            }

            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            Caller caller = context.Caller();
            ReadOnlyMemory<byte> asked = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, long> { ["version"] = version });
            return await AnswerAsync(caller, name, await store.RollbackPolicyAsync(caller.Tenant, name, version, Acts.Message(caller, "policy.rollback", name, time, asked)));
        }
    }

    private async Task<IResult> AnswerAsync(Caller caller, string name, TenantChange change)
    {
        if (change.Status is TenantChangeStatus.Locked && change.Detail?.Split('\n') is [var rule, var sentence])
        {
            return new ProblemResult(StatusCodes.Status409Conflict, "Locked", $"{rule}: {sentence}", rule);
        }

        if (Changes.Refuse(change) is { } refused)
        {
            return refused;
        }

        // This gateway decides with it from here on.
        await cache.RenewAsync(caller.Tenant);
        using JsonDocument after = JsonDocument.Parse(change.After);
        string digest = after.RootElement.GetProperty("digest"u8).GetString()!;
        return JsonAnswer.Ok(json =>
        {
            json.WriteString("name"u8, name);
            json.WriteNumber("version"u8, change.Version);
            json.WriteString("digest"u8, digest);
        });
    }

    private static void Head(Utf8JsonWriter json, PolicyMessage policy)
    {
        json.WriteString("name"u8, policy.Name);
        json.WriteNumber("version"u8, policy.Version);
        json.WriteString("digest"u8, policy.Digest);
        json.WriteString("created"u8, Timestamps.Format(policy.CreatedMs * 1_000_000));
        json.WriteString("by"u8, policy.By);
    }
}
