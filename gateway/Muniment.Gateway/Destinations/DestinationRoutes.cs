using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;
using Muniment.Messages.Administration;
using Muniment.Messages.Destinations;

namespace Muniment.Gateway.Destinations;

/// <summary>
/// <c>/api/v1/destinations</c>. The grains decide and record; here requests are read, and answers turned into HTTP.
/// </summary>
public static class DestinationRoutes
{
    /// <summary>Most seqs of one replay request.</summary>
    public const int MaxReplaySeqs = 10_000;

    private const int DefaultPage = 100;

    /// <summary>Maps the routes.</summary>
    public static IEndpointRouteBuilder MapDestinations(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/destinations");
        group.MapGet("", List).Requires(Permission.ReadConfiguration).IsExport().Takes(ListQuery.Parameters);
        group.MapPost("", Create).Requires(Permission.WriteConfiguration).IsExport().Produces(StatusCodes.Status201Created);
        group.MapGet("{id}", Get).Requires(Permission.ReadConfiguration).IsExport();
        group.MapPut("{id}", Put).Requires(Permission.WriteConfiguration).IsExport();
        group.MapDelete("{id}", Delete).Requires(Permission.WriteConfiguration).IsExport().Produces(StatusCodes.Status204NoContent);
        group.MapGet("{id}/status", (HttpContext context, string id, IGrainFactory grains) => Read(context, id, grains, g => g.GetStatus())).Requires(Permission.ReadConfiguration).IsExport();
        group.MapPost("{id}/test", Test).Requires(Permission.WriteConfiguration).IsExport();
        group.MapPost("{id}/pause", (HttpContext context, string id, IGrainFactory grains, TimeProvider time) => Change(context, id, grains, g => g.Pause(Act(context, "destination.pause", id, time))))
            .Requires(Permission.WriteConfiguration).IsExport();
        group.MapPost("{id}/resume", (HttpContext context, string id, IGrainFactory grains, TimeProvider time) => Change(context, id, grains, g => g.Resume(Act(context, "destination.resume", id, time))))
            .Requires(Permission.WriteConfiguration).IsExport();
        group.MapPost("{id}/rewind", Rewind).Requires(Permission.WriteConfiguration).IsExport();
        group.MapGet("{id}/dead-letters", (HttpContext context, string id, IGrainFactory grains) => Page(context, id, grains, (g, from, limit) => g.GetDeadLetters(from, limit)))
            .Requires(Permission.ReadConfiguration).IsExport().Takes(ListQuery.Parameters);
        group.MapPost("{id}/dead-letters/replay", Replay).Requires(Permission.WriteConfiguration).IsExport().Produces(StatusCodes.Status202Accepted);
        group.MapGet("{id}/receipts", (HttpContext context, string id, IGrainFactory grains) => Page(context, id, grains, (g, from, limit) => g.GetReceipts(from, limit)))
            .Requires(Permission.ReadConfiguration).IsExport().Takes(ListQuery.Parameters);
        return routes;
    }

    private static async Task<IResult> List(HttpContext context, IGrainFactory grains)
    {
        if (!DestinationRequest.TryReadLimit(context, DefaultPage, out int limit))
        {
            return Problem.BadField("limit", DestinationRequest.LimitExpected);
        }

        string cursor = context.Request.Query["cursor"].ToString();
        return DestinationAnswers.ToResult(await grains.GetGrain<IDestinationDirectoryGrain>(context.Caller().Tenant.Value).List(cursor, limit));
    }

    private static async Task<IResult> Create(HttpContext context, IGrainFactory grains, TimeProvider time)
    {
        (ReadOnlyMemory<byte> body, IResult? problem) = await DestinationRequest.ReadBodyAsync(context);
        if (problem is not null)
        {
            return problem;
        }

        if (DestinationRequest.ReadId(body, out string id) is { } wrong)
        {
            return wrong;
        }

        DestinationAnswer answer = await Grain(context, grains, id).Create(body, Act(context, "destination.create", id, time));
        if (answer.Code is DestinationStatusCode.Done)
        {
            context.Response.Headers.Location = "/api/v1/destinations/" + id;
        }

        return DestinationAnswers.ToResult(answer, StatusCodes.Status201Created);
    }

    private static Task<IResult> Get(HttpContext context, string id, IGrainFactory grains) => Read(context, id, grains, g => g.Get());

    private static async Task<IResult> Put(HttpContext context, string id, IGrainFactory grains, TimeProvider time)
    {
        if (!DestinationRequest.TryReadIfMatch(context, out int ifMatch))
        {
            return Problem.BadField("If-Match", "one ETag of this destination, such as \"3\", or *");
        }

        (ReadOnlyMemory<byte> body, IResult? problem) = await DestinationRequest.ReadBodyAsync(context);
        if (problem is not null)
        {
            return problem;
        }

        if (!DestinationRequest.IsId(id))
        {
            return Problem.NotFound("no such destination");
        }

        return DestinationAnswers.ToResult(await Grain(context, grains, id).Configure(body, ifMatch, Act(context, "destination.update", id, time)));
    }

    private static async Task<IResult> Delete(HttpContext context, string id, IGrainFactory grains, TimeProvider time)
    {
        if (!DestinationRequest.TryReadIfMatch(context, out int ifMatch))
        {
            return Problem.BadField("If-Match", "one ETag of this destination, such as \"3\", or *");
        }

        if (!DestinationRequest.IsId(id))
        {
            return Problem.NotFound("no such destination");
        }

        DestinationAnswer answer = await Grain(context, grains, id).Delete(ifMatch, Act(context, "destination.delete", id, time));
        return answer.Code is DestinationStatusCode.Done ? Results.NoContent() : DestinationAnswers.ToResult(answer);
    }

    // A test changes nothing that is kept, so it is recorded here.
    private static Task<IResult> Test(HttpContext context, string id, IGrainFactory grains, IAdminLog log) => Change(context, id, grains, async grain =>
    {
        DestinationAnswer answer = await grain.Test();
        if (answer.Code is DestinationStatusCode.Done)
        {
            await log.RecordAsync(context.Caller(), "destination.test", id, default, default, context.RequestAborted);
        }

        return answer;
    });

    private static async Task<IResult> Rewind(HttpContext context, string id, IGrainFactory grains, TimeProvider time)
    {
        (ReadOnlyMemory<byte> body, IResult? problem) = await DestinationRequest.ReadBodyAsync(context);
        if (problem is not null)
        {
            return problem;
        }

        if (DestinationRequest.ReadObject(body, "seq") is not { } root || !root.TryGetProperty("seq", out JsonElement seq) || seq.ValueKind != JsonValueKind.Number
            || !seq.TryGetInt64(out long from) || from < 0)
        {
            return Problem.BadField("seq", "{\"seq\":N} with N from 0");
        }

        return await Change(context, id, grains, g => g.Rewind(from, Act(context, "destination.rewind", id, time, body)));
    }

    private static async Task<IResult> Replay(HttpContext context, string id, IGrainFactory grains, TimeProvider time)
    {
        (ReadOnlyMemory<byte> body, IResult? problem) = await DestinationRequest.ReadBodyAsync(context);
        if (problem is not null)
        {
            return problem;
        }

        const string expected = "{\"seqs\":[N,…]} with 1 to 10000 seqs, or {\"all\":true}";
        if (DestinationRequest.ReadObject(body, "seqs", "all") is not { } root)
        {
            return Problem.BadField("body", expected);
        }

        bool all = root.TryGetProperty("all", out JsonElement flag) && flag.ValueKind == JsonValueKind.True;
        ImmutableArray<long>.Builder seqs = ImmutableArray.CreateBuilder<long>();
        if (root.TryGetProperty("seqs", out JsonElement list))
        {
            if (all || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxReplaySeqs)
            {
                return Problem.BadField("seqs", expected);
            }

            foreach (JsonElement item in list.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long seq) || seq < 0)
                {
                    return Problem.BadField("seqs", expected);
                }

                seqs.Add(seq);
            }
        }
        else if (!all)
        {
            return Problem.BadField("seqs", expected);
        }

        return await Change(context, id, grains, g => g.Replay(seqs.ToImmutable(), Act(context, "destination.replay", id, time, body)), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> Page(HttpContext context, string id, IGrainFactory grains, Func<IDestinationGrain, long, int, Task<DestinationAnswer>> ask)
    {
        if (!DestinationRequest.TryReadLimit(context, DefaultPage, out int limit))
        {
            return Problem.BadField("limit", DestinationRequest.LimitExpected);
        }

        string cursor = context.Request.Query["cursor"].ToString();
        long from = 0;
        if (cursor.Length > 0 && (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out from) || from < 0))
        {
            return Problem.BadField("cursor", "a cursor as it was answered in next");
        }

        return DestinationRequest.IsId(id) ? DestinationAnswers.ToResult(await ask(Grain(context, grains, id), from, limit)) : Problem.NotFound("no such destination");
    }

    private static async Task<IResult> Read(HttpContext context, string id, IGrainFactory grains, Func<IDestinationGrain, Task<DestinationAnswer>> ask)
    {
        return DestinationRequest.IsId(id) ? DestinationAnswers.ToResult(await ask(Grain(context, grains, id))) : Problem.NotFound("no such destination");
    }

    private static async Task<IResult> Change(HttpContext context, string id, IGrainFactory grains, Func<IDestinationGrain, Task<DestinationAnswer>> ask, int status = StatusCodes.Status200OK) =>
        DestinationRequest.IsId(id) ? DestinationAnswers.ToResult(await ask(Grain(context, grains, id)), status) : Problem.NotFound("no such destination");

    private static ActMessage Act(HttpContext context, string action, string id, TimeProvider time, ReadOnlyMemory<byte> asked = default) => Acts.Message(context.Caller(), action, id, time, asked);

    private static IDestinationGrain Grain(HttpContext context, IGrainFactory grains, string id) => grains.GetGrain<IDestinationGrain>($"{context.Caller().Tenant.Value}/{id}");
}
