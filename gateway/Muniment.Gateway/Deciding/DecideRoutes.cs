using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Deciding;

/// <summary><c>POST /api/v1/decide</c> for agents' own hooks and other gateways, and the approvals of what a rule asks for.</summary>
internal sealed class DecideRoutes(IDecider decider, IDecisionLog log, IApprovalStore approvals, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/decide", (Delegate)DecideAsync).Requires(Permission.Decide);
        routes.MapGet("/api/v1/approvals", (Delegate)ListAsync).Requires(Permission.Administer).Takes(ListQuery.Parameters);
        routes.MapGet("/api/v1/approvals/{id}", (Delegate)GetAsync).Requires(Permission.Administer);
        routes.MapPost("/api/v1/approvals/{id}", (Delegate)ApproveAsync).Requires(Permission.Administer);
    }

    private async Task<IResult> DecideAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        if (log.IsKnownUnwritable(caller.Tenant))
        {
            return Unavailable("decisions cannot be recorded at the moment, so nothing is decided");
        }

        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            if (DecideBody.Read(body, caller, DecisionContext.Of(context, Receivers.Decide)) is not { } wanted)
            {
                return body.Fault!;
            }

            ImmutableArray<string> texts = [.. wanted.Call.Request.Texts.Select(text => text.Text)];
            try
            {
                ImmutableArray<string> asked = texts;
                Decision decision = await decider.DecideAsync(wanted.Call, verdict => TextInspector.Inspect(verdict, wanted.Call.Request.Texts, out texts), context.RequestAborted);
                await log.AppendInvokeAsync(decision, context.RequestAborted);
                context.Response.Headers["x-muniment-decision"] = decision.Id;
                return JsonAnswer.Ok(json => Write(json, decision, wanted, texts, isAltered: !asked.SequenceEqual(texts)));
            }
            catch (DecidingUnavailableException e)
            {
                return Unavailable(e.Message);
            }
        }
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        if (ListQuery.Read(context.Request, out IResult? fault) is not { } query)
        {
            return fault!;
        }

        ImmutableArray<ApprovalMessage> items = await approvals.ListAsync(context.Caller().Tenant, query.Cursor, query.Limit + 1);
        string? next = items.Length > query.Limit ? items[query.Limit - 1].Id : null;
        return JsonAnswer.List([.. items.Take(query.Limit)], next, ApprovalView.WriteMembers);
    }

    private async Task<IResult> GetAsync(HttpContext context, string id) =>
        await approvals.FindAsync(context.Caller().Tenant, id) is { } found ? JsonAnswer.Ok(json => ApprovalView.WriteMembers(json, found)) : Problem.NotFound("there is no such approval");

    private async Task<IResult> ApproveAsync(HttpContext context, string id)
    {
        (JsonFields? body, IResult? fault) = await JsonFields.ReadAsync(context);
        if (body is null)
        {
            return fault!;
        }

        using (body)
        {
            string? verdict = body.Text("verdict", 16, required: true);
            if (verdict is not (null or "approve" or "reject"))
            {
                body.Fail("verdict", "approve or reject", 0);
            }

            if (body.Finish() is { } wrong)
            {
                return wrong;
            }

            Caller caller = context.Caller();
            TenantChange change = await approvals.DecideAsync(caller.Tenant, id, verdict == "approve", Acts.Message(caller, "approval." + verdict, id, time));
            return change.Status is TenantChangeStatus.Locked
                ? Problem.Status(StatusCodes.Status403Forbidden, "Not allowed", "the key that asked may not say whether it may")
                : change.Status is TenantChangeStatus.Conflict
                    ? Problem.Status(StatusCodes.Status409Conflict, "Conflict", $"approval {change.Detail} already")
                    : Changes.Refuse(change) ?? Results.Bytes(change.After.ToArray(), MediaTypes.Json);
        }
    }

    private static void Write(Utf8JsonWriter json, Decision decision, DecideBody body, ImmutableArray<string> texts, bool isAltered)
    {
        json.WriteString("decision_id"u8, decision.Id);
        json.WriteString("result"u8, decision.Verdict.Result);
        json.WriteString("reason"u8, decision.Reason ?? (isAltered ? WithoutPart(decision.Verdict.RiskReason) : decision.Verdict.RiskReason));
        json.WriteStartObject("policy"u8);
        json.WriteString("id"u8, decision.Verdict.Policy.Id);
        json.WriteNumber("version"u8, decision.Verdict.Policy.Version);
        json.WriteString("rule"u8, decision.Verdict.Policy.Rule);
        json.WriteEndObject();
        json.WriteString("risk"u8, decision.Verdict.Risk);
        if (decision.MayPass)
        {
            body.Write(json, texts);
        }
        else
        {
            json.WriteNull("content"u8);
        }

        if (decision.MayPass && !decision.Verdict.Changes.IsNone)
        {
            Changed(json, decision.Verdict.Changes);
        }

        if (decision.Approval is { } approval)
        {
            json.WriteStartObject("approval"u8);
            json.WriteString("state"u8, approval.State switch { ApprovalState.Approved => "approved"u8, ApprovalState.Rejected => "rejected"u8, _ => "required"u8 });
            json.WriteString("id"u8, approval.Id);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("approval"u8);
        }
    }

    // It quotes the command, and something of that was replaced.
    private static string? WithoutPart(string? riskReason)
    {
        int from = riskReason?.IndexOf('`', StringComparison.Ordinal) ?? -1, to = riskReason?.LastIndexOf('`') ?? -1;
        return from < 0 ? riskReason : $"{riskReason![..from]}a part of the command{riskReason[(to + 1)..]}";
    }

    // Who asks through decide applies a modify rule itself.
    private static void Changed(Utf8JsonWriter json, Policy.Documents.PolicyChanges changes)
    {
        json.WriteStartObject("set"u8);
        if (changes.MaxTokens is { } most)
        {
            json.WriteNumber("max_tokens"u8, most);
        }

        if (changes.Model is not null)
        {
            json.WriteString("model"u8, changes.Model);
        }

        if (changes.Upstream is not null)
        {
            json.WriteString("upstream"u8, changes.Upstream);
        }

        if (!changes.ToolsRemove.IsEmpty)
        {
            json.WriteStartArray("tools_remove"u8);
            foreach (string tool in changes.ToolsRemove)
            {
                json.WriteStringValue(tool);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static IResult Unavailable(string detail) => Problem.Status(StatusCodes.Status503ServiceUnavailable, "Unavailable", detail);
}
