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
        if (media is not (MediaTypes.Protobuf or MediaTypes.Json))
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
            stored = media is MediaTypes.Json
                ? await StoreJsonAsync(intake, signal, body.Memory, context.RequestAborted)
                : await ingest.StoreAsync(intake, signal, body.Memory, body.Memory, context.RequestAborted);
        }

        if (stored.Refusal is { } why)
        {
            await RefuseAsync(context, why);
            return;
        }

        await RefusalWriter.SendAsync(context, StatusCodes.Status200OK, media, OtlpResponses.Success(signal, Encoding(media), stored.Rejected, stored.Message));
    }

    // There is one raw form: JSON becomes protobuf here, and is stored, mapped and sent on as protobuf.
    private ValueTask<OtlpStored> StoreJsonAsync(Intake intake, OtlpSignal signal, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        OtlpJson.TryTranscode(signal, json.Span, out ReadOnlyMemory<byte> protobuf, out OtlpError? error)
            ? ingest.StoreAsync(intake, signal, protobuf, json, cancellationToken)
            : new(new OtlpStored(0, new Refusal(RefusalKind.Malformed, error.ToString(), error.Path.Length == 0 ? "body" : error.Path)));

    private static OtlpEncoding Encoding(string media) => media is MediaTypes.Json ? OtlpEncoding.Json : OtlpEncoding.Protobuf;

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.OtlpHttp, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
