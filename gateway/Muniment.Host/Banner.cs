using Muniment.Gateway.Access;

namespace Muniment.Host;

/// <summary>The first screen: where everything is and what to paste.</summary>
internal static class Banner
{
    public static void Print(Addresses addresses, DataDirectory data, FirstKeys keys)
    {
        Console.WriteLine($"""

            Muniment is ready.
              API          {addresses.Http}/api/v1   (docs: {addresses.Http}/openapi/v1.json)
              OTLP/gRPC    {addresses.OtlpGrpc}
              OTLP/HTTP    {addresses.OtlpHttp}
              HEC          {addresses.Http}/services/collector
              data         {data.Path}
              actors       {ClusterSettings.Description}
              admin key    {(keys.Admin is { } admin && !Console.IsOutputRedirected ? admin + "   (shown once; kept in " + data.AdminKeyFile + ")" : File.Exists(data.AdminKeyFile) ? "in " + data.AdminKeyFile : "the one you keep; " + data.AdminKeyFile + " is not there")}
            """);
        Console.WriteLine($"""

            Paste this where an agent or a service runs:
              export OTEL_EXPORTER_OTLP_ENDPOINT={addresses.OtlpHttp}
              export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
              export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20{keys.Ingest ?? "YOUR_INGEST_KEY"}"
            """);
        if (keys.Ingest is null)
        {
            Console.WriteLine($"\n  No fresh ingest key: {TenantBootstrap.MaxStartKeys} of earlier starts count still. Revoke those that nobody uses (DELETE /api/v1/keys/ID).");
        }

        Console.WriteLine("\nCtrl+C drains and stops.\n");
    }
}
