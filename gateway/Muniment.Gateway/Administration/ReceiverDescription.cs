using System.Collections.Immutable;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Muniment.Gateway.Administration;

/// <summary>Endpoint metadata: how a route is described that the framework leaves out, because it answers every method or speaks another protocol.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="MediaTypes">What it takes; it answers in the same.</param>
internal sealed record ReceiverMetadata(string Summary, ImmutableArray<string> MediaTypes);

/// <summary>Adds those routes to the description of the API.</summary>
internal sealed class ReceiverDescription(IEnumerable<EndpointDataSource> sources) : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (RouteEndpoint route in sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<ReceiverMetadata>() is { } receiver)
            {
                document.Paths[route.RoutePattern.RawText!] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = Describe(receiver) } };
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiOperation Describe(ReceiverMetadata receiver) => new()
    {
        Summary = receiver.Summary,
        RequestBody = new OpenApiRequestBody { Required = true, Content = Content(receiver) },
        Responses = new() { ["200"] = new OpenApiResponse { Description = "Durable, wholly or with a partial success.", Content = Content(receiver) } },
    };

    private static Dictionary<string, OpenApiMediaType> Content(ReceiverMetadata receiver) => receiver.MediaTypes.ToDictionary(media => media, _ => new OpenApiMediaType());
}
