using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;
using Muniment.Egress;

namespace Muniment.Delivery.Kinds.S3;

/// <summary>
/// One object a request. The key follows from the events, so what is sent again has the same key, and <c>If-None-Match: *</c> keeps the first: 412 means that it is there.
/// The SDK signs; connections, answers, repeats and redirects are ours.
/// </summary>
internal sealed class S3Sender : IDestinationSender
{
    private readonly SenderContext _context;
    private readonly AsyncLocal<S3Exchange?> _exchange = new();
    private readonly GuardedS3Clients _clients;
    private readonly S3Credentials _credentials;
    private readonly string _bucket;
    private readonly string _prefix;
    private readonly (string Mode, int Days)? _lock;
    private volatile bool _conditional = true;

    public S3Sender(SenderContext context)
        : this(context, Environment.GetEnvironmentVariable)
    {
    }

    internal S3Sender(SenderContext context, Func<string, string?> environment)
    {
        _context = context;
        _clients = new GuardedS3Clients(context, _exchange);
        _credentials = new S3Credentials(context, environment);
        _bucket = context.Config.Text("bucket")!;
        string prefix = context.Config.Text("prefix")?.TrimEnd('/') ?? "";
        _prefix = prefix.Length == 0 ? "" : prefix + "/";
        _lock = context.Config.Options.TryGetValue("object_lock", out JsonElement value) && S3Kind.TryReadLock(value.GetRawText(), out string mode, out int days) ? (mode, days) : null;
    }

    public async Task<DeliveryOutcome> SendAsync(BatchSlice slice, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(EgressHttp.AttemptTimeout);
        try
        {
            (AWSCredentials? keys, DeliveryOutcome? trouble, bool kept) = await _credentials.GetAsync(limit.Token).ConfigureAwait(false);
            if (trouble is not null)
            {
                return trouble;
            }

            ReadOnlyMemory<byte> lines = slice.Concatenate();
            string key = KeyOf(slice, lines.Span);
            byte[] body = Pack(lines.Span);
            S3Exchange exchange = await PutAsync(keys!, key, body, limit.Token).ConfigureAwait(false);
            if (_conditional && exchange is { Status: System.Net.HttpStatusCode.NotImplemented })
            {
                _conditional = false; // not every store knows the condition; the same key with the same bytes is the same object
                exchange = await PutAsync(keys!, key, body, limit.Token).ConfigureAwait(false);
            }

            if (exchange.Code == "ExpiredToken" && kept)
            {
                _credentials.Forget();
                (keys, trouble, _) = await _credentials.GetAsync(limit.Token).ConfigureAwait(false);
                if (trouble is not null)
                {
                    return trouble;
                }

                exchange = await PutAsync(keys!, key, body, limit.Token).ConfigureAwait(false);
            }

            return exchange.Status is null ? HttpOutcome.OfException(exchange.Failure ?? new IOException("no answer")) : exchange.ToOutcome(key, _credentials.IsAmbient);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpOutcome.OfException(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        _clients.Close();
        return ValueTask.CompletedTask;
    }

    private async Task<S3Exchange> PutAsync(AWSCredentials keys, string key, byte[] body, CancellationToken cancellationToken)
    {
        S3Exchange exchange = new();
        _exchange.Value = exchange;
        using AmazonS3Client client = new(keys, new AmazonS3Config
        {
            ServiceURL = S3Kind.ServiceUrl(_context.Config), AuthenticationRegion = S3Kind.Region(_context.Config), ForcePathStyle = S3Kind.IsPathStyle(_context.Config),
            HttpClientFactory = _clients, MaxErrorRetry = 0, IgnoreConfiguredEndpointUrls = true, Timeout = EgressHttp.AttemptTimeout,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
        PutObjectRequest put = new()
        {
            BucketName = _bucket, Key = key, InputStream = new MemoryStream(body), ContentType = "application/x-ndjson", UseChunkEncoding = false,
            ChecksumSHA256 = Convert.ToBase64String(SHA256.HashData(body)), IfNoneMatch = _conditional ? "*" : null,
        };
        put.Headers.ContentEncoding = "gzip";
        if (_lock is { } kept)
        {
            put.ObjectLockMode = kept.Mode == "COMPLIANCE" ? ObjectLockMode.Compliance : ObjectLockMode.Governance;
            put.ObjectLockRetainUntilDate = _context.Time.GetUtcNow().AddDays(kept.Days).UtcDateTime;
        }

        try
        {
            await client.PutObjectAsync(put, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            exchange.Failure ??= exception; // the exchange says more than the SDK's exception
        }

        return exchange;
    }

    /// <summary><c>{prefix}/dt=…/hour=…/{destination}-{first seq}-{last seq}-{digest}.ndjson.gz</c>, by the time at which the first event was received.</summary>
    private string KeyOf(BatchSlice slice, ReadOnlySpan<byte> lines)
    {
        if (slice[0].Seq < 0)
        {
            return $"{_prefix}_test/{slice[0].Id}.ndjson.gz";
        }

        DateTimeOffset received = DateTimeOffset.UnixEpoch.AddTicks(slice[0].ReceivedNs / 100);
        string digest = Convert.ToHexStringLower(SHA256.HashData(lines).AsSpan(0, 8));
        return string.Create(CultureInfo.InvariantCulture,
            $"{_prefix}dt={received:yyyy-MM-dd}/hour={received:HH}/{_context.Config.Id}-{slice[0].Seq:D12}-{slice[slice.Count - 1].Seq:D12}-{digest}.ndjson.gz");
    }

    private static byte[] Pack(ReadOnlySpan<byte> lines)
    {
        using MemoryStream packed = new(lines.Length / 8 + 64);
        using (GZipStream stream = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(lines);
        }

        return packed.ToArray();
    }
}
