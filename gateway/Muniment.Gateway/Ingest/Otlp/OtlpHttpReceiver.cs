using Microsoft.AspNetCore.Http;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>OTLP/HTTP: protobuf and JSON. The answer has the encoding of the request, refusals too.</summary>
internal sealed class OtlpHttpReceiver(BodyReader bodies, OtlpIngest ingest, TimeProvider time)
{
    private static readonly Refusal WrongMethod = new(RefusalKind.MethodNotAllowed, "expected POST");
    private static readonly Refusal WrongMedia = new(RefusalKind.UnsupportedMediaType, "Content-Type: expected application/x-protobuf or application/json", "Content-Type");

    /// <summary>Answers one request of any method.</summary>
    public async Task HandleAsync(HttpContext context, OtlpSignal signal)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await RefuseAsync(context, WrongMethod);
            return;
        }

        string media = MediaTypes.Of(context.Request);
        if (media is not MediaTypes.Protobuf)
        {
            await RefuseAsync(context, WrongMedia);
            return;
        }

        Caller caller = context.Caller();
        (RequestBody? body, Refusal? refusal) = await bodies.ReadAsync(context, caller.Tenant);
        if (body is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        OtlpStored stored;
        using (body)
        {
            Intake intake = Intake.Of(context, caller, Receivers.OtlpHttp, time);
            stored = await ingest.StoreAsync(intake, signal, body.Memory, body.Memory, context.RequestAborted);
        }

        if (stored.Refusal is { } why)
        {
            await RefuseAsync(context, why);
            return;
        }

        await RefusalWriter.SendAsync(context, StatusCodes.Status200OK, media, media is MediaTypes.Json ? OtlpAnswer.Json(stored, signal) : OtlpAnswer.Protobuf(stored));
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.OtlpHttp, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
